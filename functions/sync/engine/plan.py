"""A run that plans: what changed since the checkpoint → documents that the outside system should hold.

A page of the record of messages is read, and its checkpoint moves, in one transaction with the intents.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from functions.sync.documents.document import Document
from functions.sync.engine.intents import Changes, Intent, changes_of
from functions.sync.engine.plan_settings import PlanSettings, read_plan_settings
from functions.sync.tables.days import DueDay, delete_day, read_due_day, upsert_days
from functions.sync.tables.flows import FlowRow, update_position, update_run_begun, update_run_ended
from functions.sync.tables.ledger import insert_documents, lock_groups, update_unsent, update_unwanted
from functions.sync.tables.orders import Changed, read_changed
from functions.sync.tables.stores import ChainStore, read_stores
from shared.contracts.ids import first_id, moment_of, split_key
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict

PAGE = 200
# Messages are not committed in the order of their ids. No transaction lasts as long as this.
OVERLAP = timedelta(minutes=2)
RUN_LEASE = timedelta(seconds=60)
TIME_OVER = "time_over"


@dataclass(frozen=True)
class Plan:
    """The values that all pages of a run share."""

    env: Environment
    flow: FlowRow
    token: int
    settings: PlanSettings
    stores: dict[str, ChainStore]

    @property
    def chain(self) -> str:
        """The chain of the system."""
        return split_key(self.flow.system)[0]

    def covers(self, store_key: str) -> bool:
        """Whether the store, by its key, takes part."""
        return store_key in self.stores and self.settings.covers(split_key(store_key)[1])

    def intent(self, *, search_first: bool = False, is_backfill: bool = False) -> Intent:
        """Where new rows of the ledger belong."""
        searches = search_first or self.settings.search_first
        return Intent(self.flow.system, self.flow.flow, self.chain, self.env.clock(), searches, is_backfill)


class PlanPage(Protocol):
    """Stores the intents of what changed. Returns how many documents change."""

    def __call__(self, transaction: Transaction, plan: Plan, changed: Changed, *, search_first: bool) -> int: ...


class PlanDay(Protocol):
    """Stores the intents of a store's business day. Returns how many documents change."""

    def __call__(self, transaction: Transaction, plan: Plan, due: DueDay) -> int: ...


@dataclass(frozen=True)
class Planner:
    """The sources of a flow: messages of these `types` in pages, and days that are due."""

    types: tuple[str, ...]
    plan_page: PlanPage
    plan_day: PlanDay


def plan_changes(env: Environment, flow: FlowRow, until: datetime, planner: Planner) -> bool:
    """Read what changed since the checkpoint, and the days that are due. Whether all of it was read by `until`."""
    token, now = secrets.randbits(63), env.clock()
    with env.db.transaction() as transaction:
        if not update_run_begun(transaction, flow, token, now, now + RUN_LEASE):
            return True
        stores = read_stores(transaction, split_key(flow.system)[0])
        settings = read_plan_settings(transaction, flow.system, flow.settings)
    plan = Plan(env, flow, token, settings, stores)
    finished = _plan_pages(plan, until, planner) and _plan_days(plan, until, planner)
    with env.db.transaction() as transaction:
        update_run_ended(transaction, flow, token, env.clock(), "finished" if finished else TIME_OVER)
    return finished


def _plan_pages(plan: Plan, until: datetime, planner: Planner) -> bool:
    end = first_id(plan.env.clock())
    position = begin_of(plan.flow)
    while position < end:
        if plan.env.clock() >= until:
            return False
        position = _plan_page(plan, position, end, planner)
    return True


def begin_of(flow: FlowRow) -> str:
    """The position from which a run reads, so that it reads again what may have been committed late.

    After a run that ended by its time nothing before its position was late: it had been committed when that run began.
    Otherwise a run of few pages would read the same pages each time.
    """
    position = moment_of(flow.position)
    if flow.outcome == TIME_OVER and flow.began_at and position <= flow.began_at - OVERLAP:
        return flow.position
    return first_id(position - OVERLAP)


def _plan_page(plan: Plan, after: str, end: str, planner: Planner) -> str:
    """Read one page. Returns the new position."""
    with plan.env.db.transaction() as transaction:
        changed = read_changed(transaction, plan.chain, planner.types, after, end, PAGE)
        # What was read before is in the ledger. A document that is not may be there all the same.
        count = planner.plan_page(transaction, plan, changed, search_first=after < plan.flow.position)
        position = changed.last or end
        _move_checkpoint(transaction, plan, position, changed.messages, count)
    return position


def _plan_days(plan: Plan, until: datetime, planner: Planner) -> bool:
    """Look at the days that are due: those marked by changes, and then those of a backfill."""
    while plan.env.clock() < until:
        with plan.env.db.transaction() as transaction:
            due = read_due_day(transaction, plan.flow.system, plan.flow.flow, plan.env.clock())
            if due is None:
                return True
            count = planner.plan_day(transaction, plan, due) if due.store in plan.stores else 0
            delete_day(transaction, plan.flow.system, plan.flow.flow, due)
            _move_checkpoint(transaction, plan, None, 0, count)
    return False


def mark_days(transaction: Transaction, plan: Plan, days: Iterable[tuple[str, date]]) -> None:
    """These business days of stores (by key) are looked at when they are over."""
    marked = [
        (DueDay(key, day), plan.stores[key].day_ended_at(day) + plan.settings.grace) for key, day in sorted(set(days))
    ]
    upsert_days(transaction, plan.flow.system, plan.flow.flow, marked)


def store_changes(
    transaction: Transaction, documents: Sequence[Document], groups: Sequence[str], intent: Intent
) -> int:
    """Make the ledger want exactly these documents of the groups. Returns how many documents change."""
    rows = lock_groups(transaction, intent.system, set(groups))
    changes = changes_of(documents, rows, intent)
    _store(transaction, changes, intent.now)
    return changes.count


def _store(transaction: Transaction, changes: Changes, now: datetime) -> None:
    insert_documents(transaction, changes.new)
    for row in changes.replaced:
        update_unsent(transaction, row, now)
    for row in changes.unwanted:
        update_unwanted(transaction, row, now)


def _move_checkpoint(transaction: Transaction, plan: Plan, position: str | None, read: int, changed: int) -> None:
    until = plan.env.clock() + RUN_LEASE
    if not update_position(transaction, plan.flow, plan.token, position, until, read, changed):
        raise Conflict("run_taken_over", "Another worker goes on with this flow.")
