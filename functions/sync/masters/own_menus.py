"""Items of a system → changes of the menus that stores have of their own. Nothing is added to such a menu.

A store's own menu has no planned versions: a planned price is announced when its business day has begun.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from functions.sync.masters.mapped_items import mapped_items, read_all_items
from functions.sync.masters.menu_differences import OWNED, MappedItem, Refusal, differences
from functions.sync.tables.flows import FlowRow
from functions.sync.tables.stores import ChainStore, read_stores, read_withdrawn_items
from functions.sync.tables.systems import lock_system, read_system, update_sequence
from shared.contracts.ids import split_key
from shared.contracts.messages.sync import ItemChange, SyncStoreItemsPulled, system_subject
from shared.contracts.store_record import read_store
from shared.spine.env import Environment
from shared.spine.outbox import Work

# Of a message: it carries 250 kB, and a change has less than 500 bytes.
MOST_CHANGES = 400


def apply_own_menus(env: Environment, flow: FlowRow, until: datetime) -> list[Refusal]:
    """Announce the changes that own menus lack, a store after the other. Returns the items that cannot be changed."""
    with env.db.transaction() as transaction:
        system = read_system(transaction, flow.system)
        stores = read_stores(transaction, split_key(flow.system)[0])
        own = [store for store in stores.values() if store.settings.menu is None]
        if system is None or not own:
            return []
        mapped = mapped_items(transaction, system, read_all_items(transaction, flow.system))
    refusals: list[Refusal] = []
    for store in own:
        if env.clock() >= until:
            break
        refusals += _apply(env, flow, store, mapped)
    return refusals


def _apply(env: Environment, flow: FlowRow, store: ChainStore, mapped: Sequence[MappedItem]) -> list[Refusal]:
    now = env.clock()
    with env.outbox.work("sync") as work:
        record = read_store(work, store.key, now)
        if record is None or record.menu is None or record.settings.menu:
            return []
        withdrawn = read_withdrawn_items(work, store.key)
        items = [replace(item, category=None, withdrawn=item.item in withdrawn) for item in mapped]
        owned = flow.settings.get("owned") or OWNED
        changes, refusals = differences(record.menu, items, store.settings.currency, store.day_of(now), owned)
        if changes:
            _announce(work, flow.system, store, changes[:MOST_CHANGES])
    return [replace(refusal, detail=f"Store {record.id}: {refusal.detail}"[:500]) for refusal in refusals]


def _announce(work: Work, system_key: str, store: ChainStore, changes: list[ItemChange]) -> None:
    system = lock_system(work, system_key)
    assert system is not None  # it was read in this run, and systems are never deleted
    update_sequence(work, system_key, system.sequence + 1)
    chain, store_id = split_key(store.key)
    data = SyncStoreItemsPulled(
        chain=chain, system=system.id, store=store_id, currency=store.settings.currency, items=changes
    )
    work.announce(data, subject=system_subject(system_key), sequence=system.sequence + 1)
