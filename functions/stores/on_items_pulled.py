"""sync.items_pulled, sync.store_items_pulled → prices, tax classes and names of menus as a system has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.stores.resources.own_menus import change_own_menu
from functions.stores.tables.chain_menus import (
    ChainMenu,
    insert_menu,
    insert_menu_version,
    lock_menu,
    update_menu,
    update_store_revisions,
)
from functions.stores.tables.item_sources import is_newer, read_withdrawn, upsert_mark, upsert_withdrawn
from shared.contracts.chain_menus import LayerVersion, read_bodies, read_versions, versions_at
from shared.contracts.item_changes import with_changes
from shared.contracts.menu import Item, Menu
from shared.contracts.menu_layers import CHAIN_LAYER
from shared.contracts.messages import Message
from shared.contracts.messages.stores import MenuChanged, menu_subject
from shared.contracts.messages.sync import ItemsPulled, MenuStep
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.outbox import Work


@dataclass
class _Change:
    """The menu, locked, with the versions that it gets."""

    work: Work
    menu: ChainMenu
    now: datetime
    withdrawn: dict[str, Item]
    steps: int = 0


def change_items(message: Message[ItemsPulled], env: Environment) -> None:
    """Change the menu of a chain, or the own menu of a store."""
    if message.data.store:
        change_own_menu(message, env)
    else:
        change_menu(message, env)


def change_menu(message: Message[ItemsPulled], env: Environment) -> None:
    """Store the versions in one transaction. A message that comes again, or late, changes nothing."""
    data = message.data
    with env.outbox.work("stores") as work:
        menu = lock_menu(work, data.chain, data.menu)
        before = menu or ChainMenu(data.chain, data.menu, data.currency, 0)
        if before.currency != data.currency or not is_newer(work, before, message.subject, message.sequence):
            return
        if menu is None:
            insert_menu(work, before)
        change = _Change(work, before, env.clock(), read_withdrawn(work, before))
        for step in data.steps:
            _take_step(change, step)
        if change.steps:
            update_menu(work, change.menu)
        upsert_mark(work, before, message.subject, message.sequence)


def _take_step(change: _Change, step: MenuStep) -> None:
    begins_at = max(step.begins_at or change.now, change.now)
    before = _menu_at(change, begins_at)
    after = with_changes(before, step.items, change.withdrawn)
    if after == before:
        return
    kept = {item.id for item in after.items}
    gone = [item for item in before.items if item.id not in kept]
    change.withdrawn |= {item.id: item for item in gone}
    upsert_withdrawn(change.work, change.menu, gone)
    _store(change, after, begins_at)


def _menu_at(change: _Change, moment: datetime) -> Menu:
    layers = read_bodies(change.work, change.menu.chain, change.menu.id, list(_versions_at(change, moment)))
    return next((layer for layer in layers if isinstance(layer, Menu)), Menu(items=[]))


def _versions_at(change: _Change, moment: datetime) -> Iterator[LayerVersion]:
    versions = read_versions(change.work, change.menu.chain, change.menu.id, [CHAIN_LAYER])
    yield from versions_at(versions, moment)


def _store(change: _Change, menu: Menu, begins_at: datetime) -> None:
    before = change.menu
    after = ChainMenu(before.chain, before.id, before.currency, before.revision + 1)
    body = menu.model_dump_json(exclude_defaults=True)
    insert_menu_version(change.work, after, CHAIN_LAYER, begins_at, body, change.now)
    data = MenuChanged(
        chain=after.chain,
        menu=after.id,
        revision=after.revision,
        layer=CHAIN_LAYER,
        version=after.revision,
        begins_at=begins_at,
        stores=update_store_revisions(change.work, after),
    )
    change.work.announce(data, subject=menu_subject(after.chain, after.id), sequence=after.revision)
    change.menu, change.steps = after, change.steps + 1


handler = entry.queue(ItemsPulled, change_items)
