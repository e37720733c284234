"""A change of a store: lock it, check `If-Match`, store the next revision."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from functions.stores.tables.stores import lock_store, update_store
from shared.contracts.messages.stores import StoreChanged, store_subject
from shared.contracts.models import Output, Query
from shared.contracts.store_record import Store, read_store, with_chain_menu
from shared.contracts.stores import StoreReference, find_store, possible_keys
from shared.kit.revision import require_match, tag_headers
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work


class StorePath(Query):
    """A store by its id in its chain."""

    store: StoreReference


def read_permitted(call: Call, path: StorePath, at: datetime | None = None) -> Store:
    """The store that the path names, with its menu `at` a moment, by default now.

    Raises `NotFound`, or `Rejected` (403) without the right `menu:read`.
    """
    keys, moment = possible_keys(call.client, path.store), at or call.env.clock()
    with call.env.db.transaction() as transaction:
        # A key of one chain can mean one store alone: that saves a round trip of each reading of a menu.
        key = keys[0] if len(keys) == 1 else find_store(transaction, call.client, path.store).key
        store = read_store(transaction, key, moment)
    if store is None:
        raise unknown_store(path.store)
    call.client.require("menu:read", store.scope)
    return store


def change_store(
    call: Call, path: StorePath, right: str, change: Callable[[Store], Store], document: Callable[[Store], Output]
) -> Reply:
    """Change a store, with the right, when `If-Match` names its revision. The reply is the document of the new one."""
    with call.once() as (work, stored_reply):
        before = lock_store(work, find_store(work, call.client, path.store).key)
        if before is None:
            raise unknown_store(path.store)
        call.client.require(right, before.scope)
        require_match(call, before.revision)
        after = next_revision(call, change(before))
        announce(work, before, after, update_store(work, before, after))
        after = with_chain_menu(work, after, call.env.clock())
        stored_reply.reply = document(after).model_dump_json()
    return Reply(stored_reply.reply, headers=tag_headers(after.revision, after.menu_versions))


def announce(work: Work, before: Store | None, after: Store, sequence: int) -> None:
    """Announce a store that was created, or the parts of it that are new."""
    parts = {"settings": "settings", "hours": "opening_hours", "menu": "menu", "sold_out": "sold_out"}
    new = [part for name, part in parts.items() if before is None or getattr(before, name) != getattr(after, name)]
    assert after.changed_at is not None  # as of every store that was just changed
    data = StoreChanged(
        chain=after.settings.chain, store=after.id, revision=after.revision, parts=new, changed_at=after.changed_at
    )
    work.announce(data, subject=store_subject(after.key), sequence=sequence, store=after.key)


def next_revision(call: Call, store: Store) -> Store:
    """The store at its next revision. Clocks of environments differ, but no revision ends before it began."""
    now = call.env.clock()
    return replace(store, revision=store.revision + 1, changed_at=max(now, store.changed_at or now))


def unknown_store(reference: str) -> NotFound:
    """The error for a store that does not exist, or that the client may not see."""
    return NotFound("unknown_store", f"there is no store {reference}")
