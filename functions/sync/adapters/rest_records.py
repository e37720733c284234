"""Items and stock levels as docs/develop/rest-system.md has them → records of the contract."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from functions.sync.adapters.contract import InDoubt, ItemRecord, StockLevel

MALFORMED = (KeyError, ValueError, TypeError, AttributeError, InvalidOperation)


def moment_text(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def item_record(entry: Mapping[str, Any]) -> ItemRecord:
    """An item. Raises `InDoubt` for a malformed one."""
    try:
        return ItemRecord(
            code=_text(entry["code"]),
            name=_text(entry["name"]),
            unit=entry.get("unit"),
            tax_code=entry.get("tax_code"),
            active=entry.get("active", True) is True,
            price=None if entry.get("price") is None else _decimal(entry["price"]),
            currency=entry.get("currency"),
            changed_at=datetime.fromisoformat(entry["changed_at"]),
            category=entry.get("category"),
            names=tuple(sorted((str(tag), str(name)) for tag, name in (entry.get("names") or {}).items())),
            prices=tuple(
                sorted(
                    (date.fromisoformat(price["from"]), _decimal(price["price"])) for price in entry.get("prices") or ()
                )
            ),
        )
    except MALFORMED:
        raise InDoubt("answer_malformed", "an item of the answer is malformed") from None


def stock_level(entry: Mapping[str, Any]) -> StockLevel:
    """A stock level. Raises `InDoubt` for a malformed one."""
    try:
        return StockLevel(
            store=_text(entry["store"]),
            item=_text(entry["item"]),
            unit=entry.get("unit"),
            quantity=_decimal(entry["quantity"]),
            changed_at=datetime.fromisoformat(entry["changed_at"]),
        )
    except MALFORMED:
        raise InDoubt("answer_malformed", "a stock level of the answer is malformed") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 128:  # noqa: PLR2004 - the length of a code
        raise ValueError(value)
    return value


def _decimal(value: object) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(value)
    return number
