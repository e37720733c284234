"""The own menu of a store with the changes of an outside system's item master."""

from dataclasses import replace

from functions.stores.resources.revision import announce
from functions.stores.tables.job_marks import is_newer, upsert_mark
from functions.stores.tables.stores import lock_store, update_store
from functions.stores.tables.withdrawn_items import delete_withdrawn, read_withdrawn, upsert_withdrawn
from shared.contracts.ids import derived_id, store_key
from shared.contracts.item_changes import with_changes
from shared.contracts.menu import Menu
from shared.contracts.messages import Message
from shared.contracts.messages.sync import ItemsPulled
from shared.contracts.store_record import Store
from shared.spine.clock import EPOCH
from shared.spine.env import Environment
from shared.spine.outbox import Work


def change_own_menu(message: Message[ItemsPulled], env: Environment) -> None:
    """Store the next revision in one transaction. A message that comes again, or late, changes nothing."""
    data = message.data
    key = store_key(data.chain, data.store)
    # Messages about stock have numbers of the same subject, and marks of their own.
    source = derived_id(EPOCH, f"{message.subject} items")
    with env.outbox.work("stores") as work:
        store = lock_store(work, key)
        if store is None or not is_newer(work, key, source, message.sequence):
            return
        if store.menu and not store.settings.menu and store.settings.currency == data.currency:
            _change(work, store, store.menu, data, env)
        upsert_mark(work, key, source, message.sequence)


def _change(work: Work, store: Store, menu: Menu, data: ItemsPulled, env: Environment) -> None:
    withdrawn = read_withdrawn(work, store.key)
    known = {item.id for item in menu.items} | set(withdrawn)
    after = with_changes(menu, [change for change in data.items if change.item in known], withdrawn)
    if after == menu:
        return
    kept = {item.id for item in after.items}
    upsert_withdrawn(work, store.key, [item for item in menu.items if item.id not in kept])
    delete_withdrawn(work, store.key, kept & set(withdrawn))
    # Clocks of environments differ, but no revision ends before it began.
    changed_at = max(env.clock(), store.changed_at or env.clock())
    changed = replace(store, menu=after, revision=store.revision + 1, changed_at=changed_at)
    announce(work, store, changed, update_store(work, store, changed))
