"""GET /v1/stock/{store}, PUT and POST /v1/stock/{store}/{item}: counted items of a store."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from functions.orders.tables.stock import delete_count, lock_stock, read_stock, update_count, upsert_count
from shared.contracts.menu import MAX_ITEMS
from shared.contracts.models import Input, Output, Query
from shared.contracts.stores import StoreReference, find_store
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

MAX_LEFT = 1_000_000


class StockPath(Query):
    """A store by its id."""

    store: StoreReference


class ItemPath(StockPath):
    """An item of the store's menu."""

    item: Id


class CountIn(Input):
    """The pieces that are left now. Null: the item is counted no longer."""

    left: Annotated[int, Field(ge=0, le=MAX_LEFT)] | None


class AddIn(Input):
    """Pieces that were added, or taken away with a number below zero."""

    add: Annotated[int, Field(ge=-MAX_LEFT, le=MAX_LEFT)]


class CountedItem(Output):
    """A counted item. `left` is below zero when more was sold than there was. At 0 it counts as sold out."""

    item: str
    left: int
    counted_at: datetime


class StockDocument(Output):
    """All counted items of a store."""

    store: str
    items: list[CountedItem]


def get_stock(call: Call, path: StockPath) -> Reply:
    """The counted items of a store with the pieces that are left."""
    with call.env.db.transaction() as transaction:
        scope = find_store(transaction, call.client, path.store)
        call.client.require("menu:read", scope)
        document = _document(transaction, scope)
    return Reply(document)


def put_count(call: Call, path: ItemPath, body: CountIn) -> Reply:
    """Count an item from now on, with so many pieces left; or count it no longer."""
    with call.once() as (work, stored_reply):
        scope = find_store(work, call.client, path.store)
        call.client.require("menu:write", scope)
        counted = lock_stock(work, scope.key)
        if body.left is None:
            delete_count(work, scope.key, path.item)
        else:
            _require_room(counted)
            upsert_count(work, scope.key, path.item, body.left, call.env.clock())
        document = _document(work, scope)
        stored_reply.reply = document.model_dump_json()
    return Reply(document)


def add_to_count(call: Call, path: ItemPath, body: AddIn) -> Reply:
    """Add pieces to a counted item, while orders take from it."""
    with call.once() as (work, stored_reply):
        scope = find_store(work, call.client, path.store)
        call.client.require("menu:write", scope)
        if body.add and not update_count(work, scope.key, path.item, body.add):
            raise NotFound("not_counted", f"the item {path.item} is not counted in this store")
        document = _document(work, scope)
        stored_reply.reply = document.model_dump_json()
    return Reply(document)


def _require_room(counted: int) -> None:
    if counted >= MAX_ITEMS:
        raise Conflict("too_many_items", f"a store counts at most {MAX_ITEMS} items")


def _document(transaction: Transaction, scope: Scope) -> StockDocument:
    items = [
        CountedItem(item=row["item_id"], left=row["left_count"], counted_at=row["counted_at"].replace(tzinfo=UTC))
        for row in read_stock(transaction, scope.key)
    ]
    return StockDocument(store=scope.store, items=items)
