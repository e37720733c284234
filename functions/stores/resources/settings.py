"""GET and PUT /v1/stores/{store}, PUT /v1/stores/{store}/opening-hours."""

from dataclasses import replace
from datetime import date, datetime

from functions.stores.resources.revision import StorePath, announce, change_store, next_revision, read_permitted
from functions.stores.tables.chain_menus import lock_menu
from functions.stores.tables.stores import has_orders, insert_store, lock_store, update_store
from shared.contracts.models import Output
from shared.contracts.store_record import Store
from shared.contracts.store_settings import OpeningHours, StoreSettings
from shared.kit.revision import reply_unless_current, require_match, require_no_match, tag_headers
from shared.spine.db import Duplicate
from shared.spine.errors import Conflict, Fault, Rejected, Unavailable
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work
from shared.spine.rights import Scope


class StoreDocument(Output):
    """A store with its settings and opening hours. `open`: guests can order now. `closed`: it is closed for good."""

    id: str
    revision: int
    settings: StoreSettings
    opening_hours: OpeningHours | None
    business_day: date
    open: bool
    closed: bool = False


def get_store(call: Call, path: StorePath) -> Reply:
    """A store: settings, opening hours, whether it is open, its business day."""
    store = read_permitted(call, path)
    return reply_unless_current(call, store.revision, lambda: store_document(store, call.env.clock()))


def put_store(call: Call, path: StorePath, body: StoreSettings) -> Reply:
    """Create a store of the chain that its settings name, or change its settings."""
    scope = _scope_to_put(path, body)
    call.client.require("stores:write", scope)
    with call.once() as (work, stored_reply):
        # The menu is locked before the store, as a change of the menu does it. Such a change then misses no store.
        _require_menu(work, body)
        before = lock_store(work, scope.key)
        if before is None:
            after = _create(call, work, scope, body)
            stored_reply.status = 201
        else:
            after = _change_settings(call, work, before, body)
        stored_reply.reply = store_document(after, call.env.clock()).model_dump_json()
    return Reply(stored_reply.reply, stored_reply.status, tag_headers(after.revision))


def put_opening_hours(call: Call, path: StorePath, body: OpeningHours) -> Reply:
    """Set the hours at which the store takes orders."""
    now = call.env.clock()
    return change_store(
        call, path, "stores:write", lambda store: replace(store, hours=body), lambda store: store_document(store, now)
    )


def _create(call: Call, work: Work, scope: Scope, settings: StoreSettings) -> Store:
    require_no_match(call)
    store = Store(scope.store, 1, settings, None, None, frozenset(), call.env.clock())
    try:
        insert_store(work, store)
    except Duplicate:
        raise Unavailable("busy", "another request is creating this store", retry_after=1) from None
    announce(work, None, store, 1)
    return store


def _change_settings(call: Call, work: Work, before: Store, settings: StoreSettings) -> Store:
    call.client.require("stores:write", before.scope)
    require_match(call, before.revision)
    _require_currency(work, before, settings)
    menu = None if settings.menu else before.menu
    after = next_revision(call, replace(before, settings=_with_pause(settings, before), menu=menu))
    announce(work, before, after, update_store(work, before, after))
    return after


def _with_pause(settings: StoreSettings, before: Store) -> StoreSettings:
    """The settings with the pause that holds. A sender that knows no pauses ends none."""
    if "paused_until" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"paused_until": before.settings.paused_until})


def _scope_to_put(path: StorePath, settings: StoreSettings) -> Scope:
    chain, separator, store = path.store.rpartition(":")
    if separator and chain != settings.chain:
        fault = Fault("chain", "differs", "the path names another chain", settings.chain, chain)
        raise Rejected("body_invalid", "1 fault(s) in the body; each is named", faults=(fault,))
    return Scope(settings.chain, settings.region, store)


def _require_menu(work: Work, settings: StoreSettings) -> None:
    """Raises `Rejected` when the settings name a menu that the chain lacks, or that has another currency."""
    if settings.menu is None:
        return
    menu = lock_menu(work, settings.chain, settings.menu)
    if menu is None:
        fault = Fault("menu", "unknown_menu", "the chain has no such menu", settings.menu)
    elif menu.currency != settings.currency:
        fault = Fault("currency", "wrong_currency", "the menu has another currency", settings.currency, menu.currency)
    else:
        return
    raise Rejected("body_invalid", "1 fault(s) in the body; each is named", faults=(fault,))


def _require_currency(work: Work, store: Store, settings: StoreSettings) -> None:
    """Raises `Conflict` when prices of a menu or amounts of orders would change their currency."""
    if settings.currency == store.settings.currency:
        return
    if store.menu is not None or store.settings.menu is not None or has_orders(work, store.key):
        used = store.settings.currency
        raise Conflict("store_in_use", f"the store has a menu or orders in {used}", extensions={"currency": used})


def store_document(store: Store, now: datetime) -> StoreDocument:
    return StoreDocument(
        id=store.id,
        revision=store.revision,
        settings=store.settings,
        opening_hours=store.hours,
        business_day=store.day_of(now),
        open=store.open_at(now) and not store.is_paused(now),
        closed=store.is_closed(now),
    )
