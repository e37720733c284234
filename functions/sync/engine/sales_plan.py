"""Orders that changed → documents that the outside system should hold, as intents in the ledger.

A page of the record of messages is read, and its checkpoint moves, in one transaction with the intents.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from functions.sync.documents.day_sales import day_documents, day_group
from functions.sync.documents.document import Document
from functions.sync.documents.sales import order_documents, refund_day
from functions.sync.engine.intents import Changes, Intent, changes_of
from functions.sync.tables.days import DueDay, delete_day, read_due_day, upsert_days
from functions.sync.tables.flows import FlowRow, update_position, update_run_begun, update_run_ended
from functions.sync.tables.ledger import insert_documents, lock_groups, update_unsent, update_unwanted
from functions.sync.tables.orders import read_changed_orders, read_order_ids, read_orders
from functions.sync.tables.stores import ChainStore, read_stores
from shared.contracts.ids import first_id, moment_of, split_key
from shared.contracts.messages.orders import Order
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict

PAGE = 200
# Messages are not committed in the order of their ids. No transaction lasts as long as this.
OVERLAP = timedelta(minutes=2)
RUN_LEASE = timedelta(seconds=60)
GRACE_HOURS = 3


@dataclass(frozen=True)
class SalesSettings:
    """`per_day`: one document for each day and tender. A day is looked at `grace` after its end."""

    per_day: bool = False
    grace: timedelta = timedelta(hours=GRACE_HOURS)
    stores: frozenset[str] = field(default_factory=frozenset)
    search_first: bool = False

    def covers(self, store: str) -> bool:
        """Whether the store takes part. An empty list means all stores."""
        return not self.stores or store in self.stores


def sales_settings(settings: dict[str, Any]) -> SalesSettings:
    """The settings of the flow, as they are stored."""
    return SalesSettings(
        settings.get("per") == "day",
        timedelta(hours=settings.get("grace_hours", GRACE_HOURS)),
        frozenset(settings.get("stores") or ()),
        bool(settings.get("search_first")),
    )


@dataclass(frozen=True)
class _Plan:
    """The values that all pages of a run share."""

    env: Environment
    flow: FlowRow
    token: int
    settings: SalesSettings
    stores: dict[str, ChainStore]

    @property
    def chain(self) -> str:
        return split_key(self.flow.system)[0]

    def intent(self, *, search_first: bool = False) -> Intent:
        return Intent(
            self.flow.system, self.flow.flow, self.chain, self.env.clock(), search_first or self.settings.search_first
        )


def plan_sales(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Read what changed since the checkpoint, and the days that are due. Whether all of it was read by `until`."""
    token, now = secrets.randbits(63), env.clock()
    with env.db.transaction() as transaction:
        if not update_run_begun(transaction, flow, token, now, now + RUN_LEASE):
            return True
        stores = read_stores(transaction, split_key(flow.system)[0])
    plan = _Plan(env, flow, token, sales_settings(flow.settings), stores)
    finished = _plan_changes(plan, until) and _plan_days(plan, until)
    with env.db.transaction() as transaction:
        update_run_ended(transaction, flow, token, env.clock(), "finished" if finished else "time_over")
    return finished


def _plan_changes(plan: _Plan, until: datetime) -> bool:
    end = first_id(plan.env.clock())
    position = overlapped(plan.flow.position)
    while position < end:
        if plan.env.clock() >= until:
            return False
        position = _plan_page(plan, position, end)
    return True


def overlapped(position: str) -> str:
    """The position from which a run reads again what may have been committed late."""
    return first_id(moment_of(position) - OVERLAP)


def _plan_page(plan: _Plan, after: str, end: str) -> str:
    """Read one page. Returns the new position."""
    with plan.env.db.transaction() as transaction:
        changed = read_changed_orders(transaction, plan.chain, after, end, PAGE)
        orders = _covered(plan, read_orders(transaction, plan.chain, changed.orders))
        if plan.settings.per_day:
            _mark_days(transaction, plan, orders)
            count = 0
        else:
            # What was read before is in the ledger. A document that is not may be there all the same.
            read_before = after < plan.flow.position
            count = _store_intents(transaction, plan, orders, changed.orders, search_first=read_before)
        position = changed.last or end
        _move_checkpoint(transaction, plan, position, changed.messages, count)
    return position


def _covered(plan: _Plan, orders: Sequence[Order]) -> list[Order]:
    return [order for order in orders if order.store_key in plan.stores and plan.settings.covers(order.store)]


def _store_intents(
    transaction: Transaction, plan: _Plan, orders: Sequence[Order], groups: Sequence[str], *, search_first: bool
) -> int:
    """The intents of orders, in per-order documents. Returns their number."""
    documents = [document for order in orders for document in documents_of(order, plan.stores)]
    return store_changes(transaction, documents, groups, plan.intent(search_first=search_first))


def documents_of(order: Order, stores: dict[str, ChainStore]) -> list[Document]:
    """The documents of one order, with the taxes of its store."""
    return order_documents(order, stores[order.store_key].rules)


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


def _move_checkpoint(transaction: Transaction, plan: _Plan, position: str | None, read: int, changed: int) -> None:
    until = plan.env.clock() + RUN_LEASE
    if not update_position(transaction, plan.flow, plan.token, position, until, read, changed):
        raise Conflict("run_taken_over", "Another worker goes on with this flow.")


def _mark_days(transaction: Transaction, plan: _Plan, orders: Sequence[Order]) -> None:
    """The days of orders and of their refunds are looked at when they are over."""
    days = {
        (order.store_key, day)
        for order in orders
        for day in (order.business_day, *(refund_day(order, refund) for refund in order.refunds))
    }
    marked = [(DueDay(key, day), plan.stores[key].day_ended_at(day) + plan.settings.grace) for key, day in sorted(days)]
    upsert_days(transaction, plan.flow.system, plan.flow.flow, marked)


def _plan_days(plan: _Plan, until: datetime) -> bool:
    """Look at the days that are due: marked by changes, or by a backfill."""
    while plan.env.clock() < until:
        with plan.env.db.transaction() as transaction:
            due = read_due_day(transaction, plan.flow.system, plan.flow.flow, plan.env.clock())
            if due is None:
                return True
            count = _plan_day(transaction, plan, due) if due.store in plan.stores else 0
            delete_day(transaction, plan.flow.system, plan.flow.flow, due)
            _move_checkpoint(transaction, plan, None, 0, count)
    return False


def _plan_day(transaction: Transaction, plan: _Plan, due: DueDay) -> int:
    documents, groups = documents_of_day(transaction, plan.chain, due.store, due.day, plan.stores, plan.settings)
    return store_changes(transaction, documents, groups, plan.intent(search_first=True))


def documents_of_day(
    transaction: Transaction,
    chain: str,
    store: str,
    day: date,
    stores: dict[str, ChainStore],
    settings: SalesSettings,
) -> tuple[list[Document], list[str]]:
    """The documents of a store's business day, and the groups that they belong to."""
    orders = orders_of_day(transaction, chain, store, day)
    if settings.per_day:
        return day_documents(store, day, orders, stores[store].rules), [day_group(store, day)]
    return [document for order in orders for document in documents_of(order, stores)], [order.id for order in orders]


def orders_of_day(transaction: Transaction, chain: str, store: str, day: date) -> list[Order]:
    """All orders of a store's business day, and those that were refunded on it."""
    orders: list[Order] = []
    after = ""
    while ids := read_order_ids(transaction, store, day, after, PAGE):
        orders += read_orders(transaction, chain, ids)
        after = ids[-1]
    return orders
