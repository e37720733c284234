"""Products and stock levels of Tryton, read by the times of their changes.

A price is a field of the template: `product.product` answers None for it. Tryton keeps no deletions.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from functions.sync.adapters.contract import ItemPage, ItemRecord, StockLevel, StockPage
from functions.sync.adapters.page_records import records_of
from functions.sync.adapters.tryton_rpc import Row, Rpc
from shared.spine.clock import EPOCH

TIMES = ("write_date", "create_date")
# Fields of the template of a product.
OF_TEMPLATE = ("active", "list_price", "account_category", *TIMES)
ITEM_FIELDS = ("code", "name", "active", "default_uom.name", *TIMES, *(f"template.{name}" for name in OF_TEMPLATE))
LEVEL_FIELDS = ("code", "quantity", "default_uom.name")
PAGE = 200
# A window that begins so early asks for everything.
EARLIEST = EPOCH + timedelta(days=1)


class TrytonMasters:
    """The item master and the stock of one company."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def read_items(self, begin: datetime, end: datetime) -> Iterator[ItemPage]:
        """Products with a code that changed in the window, or whose template did."""
        categories = self._categories()
        currency = self._currency()
        domain = [
            ["code", "!=", None],
            ["OR", *_changed(begin, end), *_changed(begin, end, "template.")],
        ]
        # Tryton would leave out what is withdrawn.
        for rows in self._rpc.pages("product.product", domain, ITEM_FIELDS, PAGE, active_test=False):
            named = [row for row in rows if row["code"]]
            yield records_of(named, partial(_item, categories, currency, begin, end), "code")

    def read_stock(self, begin: datetime, end: datetime) -> Iterator[StockPage]:
        """Levels of each warehouse with a code: of all products, or of those that were moved in the window."""
        domain: list[Any] = [["code", "!=", None], ["type", "=", "goods"]]
        moved: dict[int, datetime] = {}
        if begin >= EARLIEST:
            moved = self._moved(begin, end)
            domain.append(["id", "in", sorted(moved)])
        warehouses = [["type", "=", "warehouse"], ["code", "!=", None]]
        for warehouse in self._rpc.read("stock.location", warehouses, ["code", "storage_location"]):
            place = {"locations": [warehouse["storage_location"]], "with_childs": True}
            for rows in self._rpc.pages("product.product", domain, LEVEL_FIELDS, PAGE, **place):
                placed = [row | {"store": warehouse["code"], "changed_at": moved.get(row["id"], begin)} for row in rows]
                yield records_of(placed, _level, "store", "code")

    def _moved(self, begin: datetime, end: datetime) -> dict[int, datetime]:
        """Products of moves that changed in the window, with the time of the last change."""
        moved: dict[int, datetime] = {}
        domain = [["OR", *_changed(begin, end)]]
        for rows in self._rpc.pages("stock.move", domain, ["product", *TIMES], PAGE):
            for row in rows:
                moved[row["product"]] = max(moved.get(row["product"], begin), _last_change((row,), begin, end))
        return moved

    def _categories(self) -> dict[int, Row]:
        """Accounting categories by id: their names, and the names of their taxes."""
        taxes = {row["id"]: row["name"] for row in self._rpc.read("account.tax", [], ["name"])}
        rows = self._rpc.read("product.category", [["accounting", "=", True]], ["name", "customer_taxes"])
        return {
            row["id"]: {"name": row["name"], "tax": "+".join(taxes[tax] for tax in row["customer_taxes"]) or None}
            for row in rows
        }

    def _currency(self) -> str:
        [company] = self._rpc.read("company.company", [["id", "=", self._rpc.company]], ["currency.code"])
        code: str = company["currency."]["code"]
        return code


def _changed(begin: datetime, end: datetime, prefix: str = "") -> list[list[Any]]:
    """The conditions of rows that changed in the half-open window."""
    return [[[f"{prefix}{name}", ">=", begin], [f"{prefix}{name}", "<", end]] for name in TIMES]


def _last_change(rows: tuple[Mapping[str, Any], ...], begin: datetime, end: datetime) -> datetime:
    """The last time in the window: a row that changed after it, too, is read again by the next run."""
    times: list[datetime] = [row[name] for row in rows for name in TIMES if row[name]]
    return max(time for time in times if begin <= time < end)


def _item(
    categories: dict[int, Row], currency: str, begin: datetime, end: datetime, row: Mapping[str, Any]
) -> ItemRecord:
    template = row["template."]
    category = categories.get(template["account_category"] or 0, {"name": None, "tax": None})
    return ItemRecord(
        code=row["code"],
        name=row["name"],
        unit=row["default_uom."]["name"],
        tax_code=category["tax"],
        active=bool(row["active"] and template["active"]),
        price=template["list_price"],
        currency=currency,
        changed_at=_last_change((row, template), begin, end),
        category=category["name"],
    )


def _level(row: Mapping[str, Any]) -> StockLevel:
    return StockLevel(
        store=row["store"],
        item=row["code"],
        unit=row["default_uom."]["name"],
        quantity=Decimal(str(row["quantity"] or 0)),
        changed_at=row["changed_at"],
    )
