"""/v1/sync/systems/{system}/items: the item master of an outside system, as it was read last."""

from typing import Annotated, Any

from pydantic import Field

from functions.sync.masters.records import record_of
from functions.sync.resources.access import READ, ChainQuery, SystemPath, system_of
from functions.sync.states import Cause
from functions.sync.tables.masters import ItemRow, read_items_page
from shared.contracts.models import Output
from shared.spine.http import Call, Reply

MOST_ITEMS = 500


class ItemsQuery(ChainQuery):
    """A page of items: those after the code `after`, with a `cause` those alone that are not on the menu."""

    after: Annotated[str, Field(max_length=128)] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = 100
    cause: Cause | None = None


class SystemItem(Output):
    """An item in the codes of the system. `cause` names the person who must act, `detail` what is wrong."""

    code: str
    name: str
    category: str | None
    unit: str | None
    tax_code: str | None
    active: bool
    price: str | None
    currency: str | None
    prices: dict[str, str] = {}
    cause: Cause | None
    reason: str | None
    detail: str | None


class SystemItems(Output):
    """Items by code. `next` continues the list."""

    items: list[SystemItem]
    next: str | None


def list_items(call: Call, path: SystemPath, query: ItemsQuery) -> Reply:
    """List the items of a system."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
        rows = read_items_page(transaction, system.key, query.after, query.limit, query.cause)
    following = rows[-1].code if len(rows) == query.limit else None
    return Reply(SystemItems(items=[SystemItem(**_fields(row)) for row in rows], next=following))


def _fields(row: ItemRow) -> dict[str, Any]:
    record = record_of(row)
    return {
        "code": record.code,
        "name": record.name,
        "category": record.category,
        "unit": record.unit,
        "tax_code": record.tax_code,
        "active": record.active,
        "price": None if record.price is None else str(record.price),
        "currency": record.currency,
        "prices": {day.isoformat(): str(price) for day, price in record.prices},
        "cause": row.cause,
        "reason": row.reason,
        "detail": row.detail,
    }
