"""The stores' endpoints, and the copies of stores that an environment prices by."""

import time
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from weakref import WeakKeyDictionary

from functions.orders import store as sql
from functions.orders.menu import Menu, OpeningHours, SoldOut, Store, StoreSettings
from functions.orders.models import MenuDocument, StoreDocument, StorePath
from shared.contracts.ids import split_key
from shared.contracts.stores import find_store, possible_keys
from shared.spine.auth import Client, Scope
from shared.spine.clock import business_day
from shared.spine.db import Duplicate, Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict, Fault, NotFound, Rejected, Unavailable
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

# Copies are checked by their revision before an order is kept, so they may be old; this bounds their memory.
MAX_COPIES = 500
# Seconds. A store that moves to another region is out of reach of the old one's keys after this.
RIGHTS_CACHED_FOR = 60.0
_copies: WeakKeyDictionary[Environment, dict[str, tuple[float, Store]]] = WeakKeyDictionary()


def copy_for(env: Environment, client: Client, reference: str) -> Store:
    """The store that the client means, as this environment last read it, however long ago. Raises as `find_store`."""
    keys = possible_keys(client, reference)
    copies = _copies.get(env, {})
    if len(keys) == 1 and keys[0] in copies:
        return copies[keys[0]][1]
    with env.db.transaction() as transaction:
        return read_again(env, transaction, find_store(transaction, client, reference).key)


def place_of(env: Environment, transaction: Transaction, key: str) -> Scope:
    """Where the store stood at most `RIGHTS_CACHED_FOR` ago. Raises `NotFound`."""
    return _fresh(env, transaction, key).place


def settings_of(env: Environment, transaction: Transaction, key: str) -> StoreSettings:
    """The store's settings at most `RIGHTS_CACHED_FOR` ago. Raises `NotFound`."""
    return _fresh(env, transaction, key).settings


def _fresh(env: Environment, transaction: Transaction, key: str) -> Store:
    read_at, copy = _copies.get(env, {}).get(key, (0.0, None))
    if copy is None or time.time() - read_at > RIGHTS_CACHED_FOR:
        copy = read_again(env, transaction, key)
    return copy


def read_again(env: Environment, transaction: Transaction, key: str) -> Store:
    """The store as it is now, kept as this environment's copy. Raises `NotFound`."""
    store = sql.read_store(transaction, key)
    if store is None:
        raise NotFound("unknown_store", f"there is no store {split_key(key)[1]}")
    copies = _copies.setdefault(env, {})
    copies.pop(key, None)
    if len(copies) >= MAX_COPIES:
        copies.pop(next(iter(copies)))
    copies[key] = (time.time(), store)
    return store


def _readable(call: Call, path: StorePath) -> Store:
    with call.env.db.transaction() as transaction:
        place = find_store(transaction, call.client, path.store)
        call.client.require("menu:read", place)
        return read_again(call.env, transaction, place.key)


def _changed(call: Call, path: StorePath, right: str, change: Callable[[Store], Store]) -> Reply:
    """Change a store, under the right, where the caller's If-Match still holds."""
    with call.once() as (work, kept):
        before = sql.read_store(work, find_store(work, call.client, path.store).key, lock=True)
        if before is None:
            raise NotFound("unknown_store", f"there is no store {path.store}")
        call.client.require(right, before.place)
        _require_match(call, before)
        after = _revised(call, change(before))
        sql.keep_store(work, before, after)
        document = _menu_document(after) if right == "menu:write" else _store_document(call.env, after)
        kept.reply = document.model_dump_json()
    return Reply(kept.reply, headers=_etag(after))


def _revised(call: Call, store: Store) -> Store:
    """The store at its next revision. Clocks of environments differ, but no version of it ends before it began."""
    now = call.env.clock()
    return replace(store, revision=store.revision + 1, changed_at=max(now, store.changed_at or now))


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
    return Reply(_store_document(call.env, store), headers=_etag(store))


def put_store(call: Call, path: StorePath, body: StoreSettings) -> Reply:
    """Make a store of the chain that its settings name, or change its settings."""
    place = _place_to_put(path, body)
    call.client.require("stores:write", place)
    with call.once() as (work, kept):
        before = sql.read_store(work, place.key, lock=True)
        if before is None:
            if "If-Match" in call.headers:
                raise _changed_since()
            after = Store(place.store, 1, body, None, None, frozenset(), call.env.clock())
            try:
                sql.add_store(work, after)
            except Duplicate:
                raise Unavailable("busy", "somebody else is making this store", retry_after=1) from None
            kept.status = 201
        else:
            call.client.require("stores:write", before.place)
            _require_match(call, before)
            _require_currency(work, before, body)
            after = _revised(call, replace(before, settings=body))
            sql.keep_store(work, before, after)
        kept.reply = _store_document(call.env, after).model_dump_json()
    return Reply(kept.reply, kept.status, _etag(after))


def _place_to_put(path: StorePath, settings: StoreSettings) -> Scope:
    chain, separator, store = path.store.rpartition(":")
    if separator and chain != settings.chain:
        fault = Fault("chain", "differs", "the path names another chain", settings.chain, chain)
        raise Rejected("body_invalid", "1 fault(s) in the body; each is named", faults=(fault,))
    return Scope(settings.chain, settings.region, store)


def _require_currency(work: Work, store: Store, settings: StoreSettings) -> None:
    """A menu's prices and an order's amounts are bare numbers: in another currency they would be other prices."""
    if settings.currency == store.settings.currency:
        return
    if store.menu is not None or sql.has_orders(work, store.place.key):
        used = store.settings.currency
        raise Conflict("store_in_use", f"the store has a menu or orders in {used}", members={"currency": used})


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


def _store_document(env: Environment, store: Store) -> StoreDocument:
    now = env.clock()
    return StoreDocument(
        id=store.id,
        revision=store.revision,
        settings=store.settings,
        opening_hours=store.hours,
        business_day=business_day(now, store.settings.timezone, store.day_ends_at),
        open=store.open_at(now),
    )
