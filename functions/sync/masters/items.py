"""The flow `pull_items`: the item master of a system → changes of menus, which the concern `stores` makes.

Items are kept as the system has them. After each run the menu is compared with them, in the fields that the system
owns. So a value that a person has changed there is set back. A menu that agrees is not announced.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from functions.sync.adapters.contract import Adapter, BatchRefused, ItemPage, ItemRecord, ItemSource
from functions.sync.masters.mapped_items import mapped_items, read_all_items
from functions.sync.masters.menu_differences import OWNED, MappedItem, Refusal, differences
from functions.sync.masters.own_menus import apply_own_menus
from functions.sync.masters.records import item_row
from functions.sync.pulls.windows import Pull, pull_changes
from functions.sync.tables.flows import FlowRow
from functions.sync.tables.masters import ItemRow, read_digests, update_item_outcomes, upsert_items
from functions.sync.tables.stores import ChainStore, read_stores
from functions.sync.tables.systems import System, lock_system, update_sequence
from shared.contracts.chain_menus import read_bodies, read_versions, versions_at
from shared.contracts.ids import split_key
from shared.contracts.item_changes import with_changes
from shared.contracts.menu import Menu
from shared.contracts.menu_layers import CHAIN_LAYER
from shared.contracts.messages.sync import MenuStep, SyncItemsPulled, system_subject
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.outbox import Work

# Versions of a menu that are looked at in a run, beginning with the present one.
MOST_STEPS = 40
# Of a message: it carries 250 kB, and a change has less than 500 bytes.
MOST_CHANGES = 400


def pull_items_of(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Whether all work was done."""
    finished = pull_changes(env, flow, until, _read, _store_page)
    apply_items(env, flow, until)
    return finished


def _read(adapter: Adapter, begin: datetime, end: datetime) -> Iterator[ItemPage]:
    if not isinstance(adapter, ItemSource):
        raise BatchRefused("no_items", "Systems of this kind have no items to read.")
    return adapter.read_items(begin, end)


def _store_page(work: Work, pull: Pull, page: Sequence[ItemRecord]) -> int:
    rows = {record.code: item_row(record) for record in page}
    known = read_digests(work, pull.flow.system, rows)
    changed = [row for row in rows.values() if known.get(row.code) != row.digest]
    upsert_items(work, pull.flow.system, changed, pull.env.clock())
    pull.clear(work, rows)
    return len(changed)


@dataclass(frozen=True)
class _MenuTarget:
    """The menu into which the items of a system go, and the clock of its chain."""

    chain: str
    menu: str
    currency: str
    owned: Sequence[str]
    store: ChainStore | None

    def day_of(self, moment: datetime) -> date:
        """The business day by the clock of the chain's first store."""
        return self.store.day_of(moment) if self.store else moment.date()

    def begins_at(self, day: date, now: datetime) -> datetime:
        """The moment at which a day begins."""
        before = day - timedelta(days=1)
        return self.store.day_ended_at(before) if self.store else datetime.combine(day, now.timetz().replace(hour=0))


def apply_items(env: Environment, flow: FlowRow, until: datetime) -> None:
    """Announce the changes that menus lack, and store why an item cannot go on one."""
    refusals = apply_own_menus(env, flow, until)
    with env.outbox.work("sync") as work:
        system = lock_system(work, flow.system)
        if system is None:
            return
        rows = read_all_items(work, flow.system)
        plan = _chain_plan(work, flow, system, rows, env.clock())
        if plan:
            refusals = [*refusals, *plan.refusals]
            if plan.steps:
                _announce(work, system, plan)
        _store_outcomes(work, flow.system, rows, refusals, plan)


def _chain_plan(
    transaction: Transaction, flow: FlowRow, system: System, rows: Mapping[str, ItemRow], now: datetime
) -> "_Steps | None":
    """The changes of the chain's menu that the settings name."""
    menu = flow.settings.get("menu")
    if not menu:
        return None
    chain = split_key(flow.system)[0]
    target = _menu_target(flow, chain, menu, read_stores(transaction, chain))
    plan = _Steps(transaction, target, mapped_items(transaction, system, rows))
    plan.plan(now)
    return plan


def _announce(work: Work, system: System, plan: "_Steps") -> None:
    target, steps = plan.target, plan.steps
    update_sequence(work, system.key, system.sequence + 1)
    data = SyncItemsPulled(
        chain=target.chain, system=system.id, menu=target.menu, currency=target.currency, steps=steps
    )
    work.announce(data, subject=system_subject(system.key), sequence=system.sequence + 1)


def _menu_target(flow: FlowRow, chain: str, menu: str, stores: Mapping[str, ChainStore]) -> _MenuTarget:
    of_menu = [store for store in stores.values() if store.settings.menu == menu] or list(stores.values())
    first = of_menu[0] if of_menu else None
    currency = flow.settings.get("currency") or (first.settings.currency if first else "CNY")
    return _MenuTarget(chain, menu, currency, flow.settings.get("owned") or OWNED, first)


class _Steps:
    """The changes of a menu from now on, and from the beginning of each planned version or price on."""

    def __init__(self, transaction: Transaction, target: _MenuTarget, mapped: Sequence[MappedItem]) -> None:
        self._transaction = transaction
        self.target = target
        self._mapped = mapped
        self._versions = read_versions(transaction, target.chain, target.menu, [CHAIN_LAYER])
        self._menu = Menu(items=[])
        self._room = MOST_CHANGES
        # Items of the menu after the changes of now. One that lost its last size is not among them.
        self._stays: set[str] = set()
        self.steps: list[MenuStep] = []
        self.refusals: list[Refusal] = []
        self.on_menu: set[str] = set()

    def plan(self, now: datetime) -> None:
        """Fill `steps`, `refusals` and `on_menu`, the items that the menu has now."""
        self._menu = self._menu_at(now)
        self.on_menu = {item.id for item in self._menu.items}
        self.refusals = self._step(now, None)
        self._stays = {item.id for item in self._menu.items}
        versions = {version.begins_at for version in self._versions if version.begins_at > now}
        for moment in sorted({*_planned(self.target, self._mapped, now), *versions})[: MOST_STEPS - 1]:
            if moment in versions:
                self._menu = self._menu_at(moment)
            self._step(moment, moment)

    def withdrawn(self) -> set[str]:
        """Codes of items that are taken off the menu now."""
        now = self.steps[:1] if self.steps and self.steps[0].begins_at is None else []
        items = {change.item for step in now for change in step.items if change.withdrawn} - self._stays
        return {mapped.record.code for mapped in self._mapped if mapped.item in items}

    def on_menu_again(self) -> set[str]:
        """Codes of items that the system has, and the menu too."""
        return {mapped.record.code for mapped in self._mapped if mapped.record.active and mapped.item in self.on_menu}

    def _step(self, moment: datetime, begins_at: datetime | None) -> list[Refusal]:
        target = self.target
        day = target.day_of(moment)
        changes, refusals = differences(self._menu, self._mapped, target.currency, day, target.owned)
        self._menu = with_changes(self._menu, changes, {})
        sent = changes[: self._room]
        if sent:
            self.steps.append(MenuStep(begins_at=begins_at, items=sent))
        self._room -= len(sent)
        return refusals

    def _menu_at(self, moment: datetime) -> Menu:
        present = versions_at(self._versions, moment)
        layers = read_bodies(self._transaction, self.target.chain, self.target.menu, present)
        return next((layer for layer in layers if isinstance(layer, Menu)), Menu(items=[]))


def _planned(target: _MenuTarget, mapped: Sequence[MappedItem], now: datetime) -> Iterator[datetime]:
    for day in {day for item in mapped for day, _ in item.record.prices}:
        moment = target.begins_at(day, now)
        if moment > now:
            yield moment


def _store_outcomes(
    transaction: Transaction,
    system: str,
    rows: Mapping[str, ItemRow],
    refusals: Sequence[Refusal],
    plan: _Steps | None,
) -> None:
    """Store the rows whose refusal or withdrawal has changed."""
    refused = {refusal.code: refusal for refusal in refusals}
    gone, back = (plan.withdrawn(), plan.on_menu_again()) if plan else (set(), set())
    changed = []
    for code, row in rows.items():
        refusal = refused.get(code)
        after = replace(
            row,
            cause=refusal.cause if refusal else None,
            reason=refusal.reason if refusal else None,
            detail=refusal.detail if refusal else None,
            withdrawn=(row.withdrawn or code in gone) and code not in back,
        )
        if after != row:
            changed.append(after)
    update_item_outcomes(transaction, system, changed)
