"""The stores' endpoints, and the copies of stores that an environment prices by."""

import time
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from weakref import WeakKeyDictionary

from functions.orders import store as sql
from functions.orders.menu import Menu, OpeningHours, SoldOut, Store, StoreSettings
from functions.orders.models import MenuDocument, StoreDocument, StorePath
from shared.auth import Place
from shared.clock import business_day
from shared.db import Duplicate, Transaction
from shared.environment import Environment
from shared.errors import Conflict, NotFound, Unavailable
from shared.http import Call, Reply

# Copies are checked by their revision before an order is kept, so they may be old; this bounds their memory.
MAX_COPIES = 500
# Seconds. A store that moves to another region or chain is out of reach of the old one's keys after this.
RIGHTS_CACHED_FOR = 60.0
_copies: WeakKeyDictionary[Environment, dict[str, tuple[float, Store]]] = WeakKeyDictionary()


def copy_of(house: Environment, store_id: str) -> Store:
    """The store as this environment last read it, however long ago. Raises `NotFound`."""
    kept = _copies.get(house, {}).get(store_id)
    if kept:
        return kept[1]
    with house.db.transaction() as transaction:
        return read_again(house, transaction, store_id)


def place_of(house: Environment, transaction: Transaction, store_id: str) -> Place:
    """Where the store stood at most `RIGHTS_CACHED_FOR` ago. Raises `NotFound`."""
    read_at, kept = _copies.get(house, {}).get(store_id, (0.0, None))
    if kept is None or time.time() - read_at > RIGHTS_CACHED_FOR:
        kept = read_again(house, transaction, store_id)
    return kept.place


def read_again(house: Environment, transaction: Transaction, store_id: str) -> Store:
    """The store as it is now, kept as this environment's copy. Raises `NotFound`."""
    found = sql.read_store(transaction, store_id)
    if found is None:
        raise NotFound("unknown_store", f"there is no store {store_id}")
    copies = _copies.setdefault(house, {})
    copies.pop(store_id, None)
    if len(copies) >= MAX_COPIES:
        copies.pop(next(iter(copies)))
    copies[store_id] = (time.time(), found)
    return found


def _readable(call: Call, path: StorePath) -> Store:
    with call.house.db.transaction() as transaction:
        store = read_again(call.house, transaction, path.store)
    call.client.require("menu:read", store.place)
    return store


def _changed(call: Call, path: StorePath, right: str, change: Callable[[Store], Store]) -> Reply:
    """Change a store, under the right, where the caller's If-Match still holds."""
    with call.once() as (work, kept):
        before = sql.read_store(work, path.store, lock=True)
        if before is None:
            raise NotFound("unknown_store", f"there is no store {path.store}")
        call.client.require(right, before.place)
        _require_match(call, before)
        after = replace(change(before), revision=before.revision + 1)
        sql.keep_store(work, after)
        document = _menu_document(after) if right == "menu:write" else _store_document(call.house, after)
        kept.reply = document.model_dump_json()
    return Reply(kept.reply, headers=_etag(after))


def _require_match(call: Call, store: Store) -> None:
    wanted = call.headers.get("If-Match")
    if wanted not in (None, "*", f'"{store.revision}"'):
        raise _changed_since()


def _changed_since() -> Conflict:
    return Conflict("changed", "the store has changed since", status=HTTPStatus.PRECONDITION_FAILED)


def _etag(store: Store) -> dict[str, str]:
    return {"ETag": f'"{store.revision}"', "Cache-Control": "private, no-cache"}


def _unmodified(call: Call, store: Store) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in call.headers.get("If-None-Match", "").split(",")]
    return "*" in tags or f'"{store.revision}"' in tags


def get_store(call: Call, path: StorePath) -> Reply:
    """A store: settings, opening hours, whether it is open, its business day."""
    store = _readable(call, path)
    if _unmodified(call, store):
        return Reply(status=304, headers=_etag(store))
    return Reply(_store_document(call.house, store), headers=_etag(store))


def put_store(call: Call, path: StorePath, body: StoreSettings) -> Reply:
    """Make a store, or change its settings."""
    call.client.require("stores:write", Place(body.chain, body.region, path.store))
    with call.once() as (work, kept):
        before = sql.read_store(work, path.store, lock=True)
        if before is None:
            if "If-Match" in call.headers:
                raise _changed_since()
            try:
                sql.add_store(work, path.store, body)
            except Duplicate:
                raise Unavailable("busy", "somebody else is making this store", retry_after=1) from None
            after = Store(path.store, 1, body, None, None, frozenset())
            kept.status = 201
        else:
            call.client.require("stores:write", before.place)
            _require_match(call, before)
            after = replace(before, settings=body, revision=before.revision + 1)
            sql.keep_store(work, after)
        kept.reply = _store_document(call.house, after).model_dump_json()
    return Reply(kept.reply, kept.status, _etag(after))


def put_opening_hours(call: Call, path: StorePath, body: OpeningHours) -> Reply:
    """When the store takes orders."""
    return _changed(call, path, "stores:write", lambda store: replace(store, hours=body))


def get_menu(call: Call, path: StorePath) -> Reply:
    """The menu with what is sold out; 304 while the caller's ETag still holds."""
    store = _readable(call, path)
    if store.menu is None:
        raise NotFound("no_menu", f"store {store.id} has no menu yet")
    if _unmodified(call, store):
        return Reply(status=304, headers=_etag(store))
    return Reply(_menu_document(store), headers=_etag(store))


def put_menu(call: Call, path: StorePath, body: Menu) -> Reply:
    """Replace the menu; sold-out marks stay."""
    return _changed(call, path, "menu:write", lambda store: replace(store, menu=body))


def put_sold_out(call: Call, path: StorePath, body: SoldOut) -> Reply:
    """Replace the list of what is sold out."""
    return _changed(call, path, "menu:write", lambda store: replace(store, sold_out=frozenset(body.items)))


def _menu_document(store: Store) -> MenuDocument:
    return MenuDocument(
        store=store.id,
        revision=store.revision,
        currency=store.settings.currency,
        menu=store.menu or Menu(items=[]),
        sold_out=sorted(store.sold_out),
    )


def _store_document(house: Environment, store: Store) -> StoreDocument:
    now = house.clock()
    return StoreDocument(
        id=store.id,
        revision=store.revision,
        settings=store.settings,
        opening_hours=store.hours,
        business_day=business_day(now, store.settings.timezone, store.day_ends_at),
        open=store.open_at(now),
    )
