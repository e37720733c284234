"""GET /v1/stores: the stores of a chain."""

from datetime import datetime
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
    now, most = call.env.clock(), LOOK_THROUGH if query.state else query.limit
    filters = {"region": query.region, "city": query.city, "cursor": query.cursor}
    with call.env.db.transaction() as transaction:
        reach = call.client.reach("menu:read").within(query.chain)
        stores = read_stores(transaction, reach, filters, most + 1)
    matching = [store for store in stores[:most] if _is_in(store, query.state, now)]
    page = matching[: query.limit]
    last = page[-1] if len(page) < len(matching) else stores[most - 1] if len(stores) > most else None
    documents = [store_document(store, now) for store in page]
    return Reply(StorePage(stores=documents, next=last.key if last else None))


def _is_in(store: Store, state: str | None, now: datetime) -> bool:
    return state is None or store.is_closed(now) == (state == "closed")
