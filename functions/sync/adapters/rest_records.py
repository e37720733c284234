"""Items and stock levels as docs/develop/rest-system.md has them → records of the contract.

Any exception of `page_records.MALFORMED` says that a row cannot be read.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from functions.sync.adapters.contract import ItemRecord, StockLevel


def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def item_record(entry: Mapping[str, Any]) -> ItemRecord:
    """An item."""
    return ItemRecord(
        code=_text(entry["code"]),
        name=_text(entry["name"]),
        unit=_optional(entry.get("unit")),
        tax_code=_optional(entry.get("tax_code")),
        active=entry.get("active", True) is True,
        price=None if entry.get("price") is None else _decimal(entry["price"]),
        currency=_optional(entry.get("currency")),
        changed_at=_moment(entry["changed_at"]),
        category=_optional(entry.get("category")),
        names=tuple(sorted((str(tag), str(name)) for tag, name in (entry.get("names") or {}).items())),
        prices=tuple(
            sorted((date.fromisoformat(price["from"]), _decimal(price["price"])) for price in entry.get("prices") or ())
        ),
    )


def stock_level(entry: Mapping[str, Any]) -> StockLevel:
    """A stock level."""
    return StockLevel(
        store=_text(entry["store"]),
        item=_text(entry["item"]),
        unit=_optional(entry.get("unit")),
        quantity=_decimal(entry["quantity"]),
        changed_at=_moment(entry["changed_at"]),
    )


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("changed_at has no zone")
    return moment


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 128:  # noqa: PLR2004 - the length of a code
        raise ValueError("not a text of 1 to 128 characters")
    return value


def _decimal(value: object) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError("not a number")
    return number
