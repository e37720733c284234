"""GET /v1/stores: the stores of a chain."""

from typing import Annotated, Literal

from pydantic import Field

from functions.stores.resources.settings import StoreDocument, store_document
from functions.stores.tables.stores import read_stores
from shared.contracts.models import Output, Query
from shared.contracts.store_record import Store
from shared.contracts.text import IDENTIFIER, Id, Name
from shared.spine.http import Call, Reply

# With `state`, a page ends after reading this many stores.
LOOK_THROUGH = 1_000


class StoresQuery(Query):
    """Filters and the cursor of a page. Stores are sorted by chain and id."""

    chain: Annotated[Id | None, Field(description="Without it, all chains that the key may read.")] = None
    region: Id | None = None
    city: Name | None = None
    state: Annotated[
        Literal["open", "closed"] | None,
        Field(description="`closed`: closed for good. With it, a page before the last may be short or empty."),
    ] = None
    cursor: Annotated[
        str | None, Field(pattern=f"^{IDENTIFIER}:{IDENTIFIER}$", description="`next` of the page before.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class StorePage(Output):
    """A page of stores. `next` is the cursor of the next page; the last page has none."""

    stores: list[StoreDocument]
    next: str | None


def list_stores(call: Call, query: StoresQuery) -> Reply:
    """The stores that the key may read, a page at a time."""
    now, look = call.env.clock(), LOOK_THROUGH if query.state else query.limit
    filters = {"region": query.region, "city": query.city, "cursor": query.cursor}
    with call.env.db.transaction() as transaction:
        found = read_stores(transaction, call.client.reach("menu:read").within(query.chain), filters, look + 1)
    wanted = [store for store in found[:look] if query.state in (None, "closed" if store.is_closed(now) else "open")]
    page = wanted[: query.limit]
    return Reply(
        StorePage(stores=[store_document(store, now) for store in page], next=_next(found, look, wanted, page))
    )


def _next(found: list[Store], look: int, wanted: list[Store], page: list[Store]) -> str | None:
    """The cursor: the last store of the page, or the last one that was looked at."""
    if len(page) < len(wanted):
        return page[-1].key
    return found[look - 1].key if len(found) > look else None
