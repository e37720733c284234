"""Warehouse systems: a generic one on the wire of erp.py, and the ground that 旺店通 and 聚水潭 share."""

import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.simulators import erp_rules
from tests.simulators.erp import Erp
from tests.simulators.erp_books import Books, Row, instant
from tests.simulators.http_system import HttpSystem

if TYPE_CHECKING:
    from collections.abc import Callable

BEIJING = timezone(timedelta(hours=8))
SECONDS = "%Y-%m-%d %H:%M:%S"


class Wms(Erp):
    """The generic warehouse system: it takes documents of stock, and no sales."""

    def __init__(self, file: Path | None = None, *, port: int = 0) -> None:
        super().__init__(file, port=port)
        self.kinds = set(erp_rules.STOCK)


class SignedWms(HttpSystem):
    """A warehouse system whose requests are signed forms, with pages by number and local times in seconds.

    Both systems have one company; a warehouse is a store of the books, an SKU is an item.
    """

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(port)
        self.books = Books()
        self.now: Callable[[], float] = time.time
        self.poison: set[str] = set()

    def close(self) -> None:
        super().close()
        self.books.close()

    def add(self, warehouses: dict[str, str], items: list[Row]) -> None:
        """Base data: warehouses by code and name, items with code, name, unit, price."""
        self.books.add_codes("stores", warehouses)
        self.books.put("items", items)

    def changed(self, feed: str, begin: str, end: str, page: int, size: int) -> tuple[int, list[Row]]:
        """How many rows changed from one second to another, both included, and one page of them. Pages start at 0."""
        since, until = _utc(begin), _utc(end) + timedelta(seconds=1)
        rows = self.books.page(feed, instant(since), instant(until), ("", ""), 1_000_000)
        return len(rows), [row for *_, row in rows[page * size : (page + 1) * size]]

    def move(self, kind: str, key: str, warehouse: str, lines: list[tuple[str, str]], **more: Any) -> int:
        """A document of the books: kind, key, warehouse, lines of item and quantity. Raises erp_rules.Refused."""
        entries = [
            {
                "type": "item",
                "item": item,
                "quantity": quantity,
                "unit": (self.books.get("items", item) or {}).get("unit"),
            }
            for item, quantity in lines
        ]
        document = {"key": key, "kind": kind, "store": warehouse, "day": self.today(), "lines": entries, **more}
        if key in self.poison:
            raise erp_rules.Refused("malformed", "This document is never taken.")
        if self.books.rows("SELECT 1 FROM documents WHERE key = ? AND state = 'posted'", key):
            raise erp_rules.Refused("duplicate", f"The number {key} exists.", "key")
        erp_rules.check(self.books, document)
        return self.books.post(document)

    def today(self) -> str:
        return datetime.fromtimestamp(self.now(), BEIJING).date().isoformat()

    def stock(self, warehouse: str, item: str) -> Decimal:
        return self.books.stock(warehouse, item)


def local(changed_at: str) -> str:
    """A time of the books as these systems write it: Beijing time, to the second."""
    return datetime.fromisoformat(changed_at).astimezone(BEIJING).strftime(SECONDS)


def _utc(text: str) -> datetime:
    return datetime.strptime(text, SECONDS).replace(tzinfo=BEIJING)
