"""The flows of stock: what sales used up by store and day, and what stores recorded, as documents in the ledger."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from functions.sync.documents.document import Document, Kind
from functions.sync.documents.sales import is_sale
from functions.sync.documents.stock import consumption_document, consumption_group, record_document
from functions.sync.engine.intents import Intent
from functions.sync.engine.plan import Plan, Planner, mark_days, plan_changes, store_changes
from functions.sync.engine.sales_plan import orders_of_day
from functions.sync.engine.send import send_due
from functions.sync.recipes.consumption import consumption
from functions.sync.recipes.stock_record import StockRecord
from functions.sync.states import Flow
from functions.sync.tables.days import DueDay
from functions.sync.tables.flows import FlowRow
from functions.sync.tables.orders import MONEY_TYPES, Changed, read_orders
from functions.sync.tables.recipes import read_pantry
from functions.sync.tables.stock_records import read_records, read_records_of_day
from shared.spine.db import Transaction
from shared.spine.env import Environment

RECORD_TYPES = ("stock.recorded", "stock.cancelled")
KINDS = {
    Flow.PUSH_WASTAGE: Kind.WASTAGE,
    Flow.PUSH_COUNTS: Kind.COUNT,
    Flow.PUSH_RECEIPTS: Kind.RECEIPT,
    Flow.PUSH_TRANSFERS: Kind.TRANSFER,
}
# Planning leaves time to send.
PLANNING_SHARE = 0.5


def push_stock_of(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Whether all work of a flow of stock was done."""
    now = env.clock()
    planner = CONSUMPTION if flow.flow == Flow.PUSH_CONSUMPTION else RECORDS
    planned = plan_changes(env, flow, now + max((until - now) * PLANNING_SHARE, timedelta()), planner)
    sent = send_due(env, flow.system, until)
    return (planned and sent.finished) or sent.failure is not None


def _plan_records(transaction: Transaction, plan: Plan, changed: Changed, *, search_first: bool) -> int:
    records = read_records(transaction, changed.subjects)
    return _store_records(transaction, plan, records, plan.intent(search_first=search_first))


def _store_records(transaction: Transaction, plan: Plan, records: Sequence[StockRecord], intent: Intent) -> int:
    kind = KINDS[Flow(plan.flow.flow)]
    mine = [
        record for record in records if record.kind == kind and record.chain == plan.chain and plan.covers(record.store)
    ]
    documents = [document for record in mine for document in record_document(record)]
    return store_changes(transaction, documents, [record.id for record in mine], intent)


def _plan_record_day(transaction: Transaction, plan: Plan, due: DueDay) -> int:
    records = read_records_of_day(transaction, due.store, due.day)
    intent = plan.intent(search_first=True, is_backfill=due.is_backfill)
    return _store_records(transaction, plan, records, intent)


def _mark_sold_days(transaction: Transaction, plan: Plan, changed: Changed, *, search_first: bool) -> int:
    del search_first  # a day is searched for first in any case
    orders = read_orders(transaction, plan.chain, changed.subjects)
    mark_days(
        transaction, plan, {(order.store_key, order.business_day) for order in orders if plan.covers(order.store_key)}
    )
    return 0


def _plan_consumption(transaction: Transaction, plan: Plan, due: DueDay) -> int:
    documents = consumption_of_day(transaction, plan.chain, due.store, due.day)
    groups = [consumption_group(due.store, due.day)]
    return store_changes(transaction, documents, groups, plan.intent(search_first=True, is_backfill=due.is_backfill))


def consumption_of_day(transaction: Transaction, chain: str, store: str, day: date) -> list[Document]:
    """The document of what the sales of a store's business day used up. Refunded food is used up, too."""
    pantry = read_pantry(transaction, chain)
    orders = [
        order for order in orders_of_day(transaction, chain, store, day) if is_sale(order) and order.business_day == day
    ]
    return consumption_document(store, day, consumption(orders, pantry), pantry.items)


RECORDS = Planner(RECORD_TYPES, _plan_records, _plan_record_day)
CONSUMPTION = Planner(MONEY_TYPES, _mark_sold_days, _plan_consumption)
