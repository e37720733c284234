"""The flow `pull_stock`: stock levels of a system → marks on the sold-out lists of stores.

A store is looked at when a level of it changed, soon after its marks changed, and once an hour. A mark that the stock
asked for comes off when the stock is back. A mark that a person made stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from functions.sync.adapters.contract import Adapter, BatchRefused, StockLevel, StockPage, StockSource
from functions.sync.engine.target import same_codes
from functions.sync.engine.translation import CodeMissing, Codes
from functions.sync.masters.sold_out import Need, menu_codes, sold_out_entries
from functions.sync.pulls.windows import Pull, pull_changes
from functions.sync.recipes.consumption import Pantry
from functions.sync.recipes.units import StockItem, UnitUnknown, in_item_unit
from functions.sync.tables.codes import read_codes
from functions.sync.tables.flows import FlowRow
from functions.sync.tables.masters import (
    StockRow,
    lock_due_store,
    read_levels,
    update_marks,
    upsert_due_stores,
    upsert_levels,
)
from functions.sync.tables.recipes import read_pantry
from functions.sync.tables.systems import System, lock_system, update_sequence
from shared.contracts.ids import split_key, store_key
from shared.contracts.messages.sync import SyncStockPulled, system_subject
from shared.contracts.store_record import Store, read_store
from shared.spine.env import Environment
from shared.spine.outbox import Work

LOOK_EVERY = timedelta(hours=1)
# After a change was announced: it may be overtaken by another one.
LOOK_AGAIN = timedelta(minutes=5)


def pull_stock_of(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Whether all work was done."""
    finished = pull_changes(env, flow, until, _read, _store_page)
    return apply_stock(env, flow, until) and finished


def _read(adapter: Adapter, begin: datetime, end: datetime) -> Iterator[StockPage]:
    if not isinstance(adapter, StockSource):
        raise BatchRefused("no_stock", "Systems of this kind have no stock to read.")
    return adapter.read_stock(begin, end)


def _store_page(work: Work, pull: Pull, page: Sequence[StockLevel]) -> int:
    system = pull.flow.system
    before = read_levels(work, system, {level.store for level in page})
    newest = {(level.store, level.item): level for level in page}
    changed = [level for key, level in newest.items() if before.get(key) != StockRow(level.quantity, level.unit)]
    upsert_levels(work, system, changed)
    pull.clear(work, [f"{store}/{item}" for store, item in newest])
    stores = {_our_store(pull, level.store) for level in changed}
    upsert_due_stores(work, system, {store for store in stores if store}, pull.env.clock())
    return len(changed)


def _our_store(pull: Pull, theirs: str) -> str | None:
    """The key of our store. A warehouse that is no store has none."""
    try:
        return store_key(pull.chain, pull.codes.our_code("stores", theirs))
    except CodeMissing:
        return None


def apply_stock(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Announce the marks that stores need. Whether all stores that are due were looked at."""
    while env.clock() < until:
        with env.outbox.work("sync") as work:
            system = lock_system(work, flow.system)
            due = lock_due_store(work, flow.system, env.clock()) if system else None
            if system is None or due is None:
                return True
            _apply_to_store(work, _Look(system, flow, env.clock()), *due)
    return False


@dataclass(frozen=True)
class _Look:
    """A look at the stores of a system."""

    system: System
    flow: FlowRow
    now: datetime


def _apply_to_store(work: Work, look: _Look, key: str, marked: frozenset[str]) -> None:
    store = read_store(work, key, look.now)
    wanted = _wanted(work, look, store) if store and store.menu else set()
    present = store.sold_out if store else frozenset()
    # A mark that was announced may still be on its way to the store.
    sold_out, available = wanted - present, marked - wanted
    pause = LOOK_AGAIN if sold_out or available else LOOK_EVERY
    update_marks(work, look.system.key, key, (marked & wanted) | sold_out, look.now + pause)
    if sold_out or available:
        # The lock of the system is held: the numbers of its messages have no gap.
        sequence = look.system.sequence + 1
        update_sequence(work, look.system.key, sequence)
        data = SyncStockPulled(
            chain=look.system.chain,
            system=look.system.id,
            store=split_key(key)[1],
            sold_out=sorted(sold_out),
            available=sorted(available),
        )
        work.announce(data, subject=system_subject(look.system.key), sequence=sequence, store=key)


def _wanted(work: Work, look: _Look, store: Store) -> set[str]:
    codes = Codes(read_codes(work, look.system.key), same_codes(look.system.settings))
    try:
        theirs = codes.target_code("stores", store.id)
    except CodeMissing:
        return set()
    rows = read_levels(work, look.system.key, [theirs])
    levels = {item: row.quantity for (_, item), row in rows.items()}
    units = {item: row.unit for (_, item), row in rows.items()}
    assert store.menu is not None  # as of the caller
    safety = {item: Decimal(text) for item, text in look.flow.settings.get("safety_by_item", {}).items()}
    general = Decimal(look.flow.settings.get("safety_stock") or 0)
    pantry = read_pantry(work, look.system.chain)
    needs = {
        code: [*_piece(code, codes), *_ingredients(code, pantry, codes, units)] for code, _ in menu_codes(store.menu)
    }
    return sold_out_entries(store.menu, needs, levels, safety, general)


def _piece(code: str, codes: Codes) -> Iterator[Need]:
    """One piece of an item that has a code."""
    with suppress(CodeMissing):
        yield Need(codes.target_code("items", code), Decimal(1))


def _ingredients(code: str, pantry: Pantry, codes: Codes, units: Mapping[str, str | None]) -> Iterator[Need]:
    """The stock that one piece uses up by its recipe. A level in a unit without a conversion is not compared."""
    item, _, size = code.partition("/")
    recipe = pantry.recipe_of(item, size or None)
    for stock_item, quantity in pantry.need(recipe).items() if recipe else ():
        with suppress(CodeMissing):  # the system does not count this stock item
            theirs = codes.target_code("items", stock_item)
            own = pantry.items[stock_item]
            factor = _own_units_in(units.get(theirs), own, pantry, codes)
            if factor:
                yield Need(theirs, quantity / factor, own.safety_stock / factor if own.safety_stock else None)


def _own_units_in(theirs: str | None, item: StockItem, pantry: Pantry, codes: Codes) -> Decimal | None:
    """How many of a stock item's own unit are in one unit of a level; None without a conversion."""
    if theirs is None:
        return Decimal(1)
    ours = [unit for unit, code in codes.by_kind.get("units", {}).items() if code == theirs]
    for unit in (*ours, *([theirs] if "units" in codes.same else [])):
        with suppress(UnitUnknown):
            return in_item_unit(Decimal(1), unit, item, pantry.units)
    return None
