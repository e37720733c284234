"""Orders that changed → sales documents and credit notes that the outside system should hold, as intents."""

from collections.abc import Sequence
from datetime import date

from functions.sync.documents.day_sales import day_documents, day_group
from functions.sync.documents.document import Document
from functions.sync.documents.sales import order_documents, refund_day
from functions.sync.engine.plan import PAGE, Plan, Planner, mark_days, store_changes
from functions.sync.engine.plan_settings import PlanSettings
from functions.sync.tables.days import DueDay
from functions.sync.tables.orders import MONEY_TYPES, Changed, read_order_ids, read_orders
from functions.sync.tables.stores import ChainStore
from shared.contracts.messages.orders import Order
from shared.spine.db import Transaction


def _plan_orders(transaction: Transaction, plan: Plan, changed: Changed, *, search_first: bool) -> int:
    found = plan.settings.without_echoes(read_orders(transaction, plan.chain, changed.subjects))
    orders = [order for order in found if plan.covers(order.store_key)]
    days = {(store, day) for order in orders for store, day in _days(order) if plan.settings.is_per_day(day)}
    mark_days(transaction, plan, days)
    if plan.settings.is_always_per_day:
        return 0
    documents = _per_order(orders, plan.stores, plan.settings)
    return store_changes(transaction, documents, changed.subjects, plan.intent(search_first=search_first))


def _days(order: Order) -> set[tuple[str, date]]:
    """The days of the order and of its refunds."""
    days = (order.business_day, *(refund_day(order, refund) for refund in order.refunds))
    return {(order.store_key, day) for day in days}


def documents_of(order: Order, stores: dict[str, ChainStore]) -> list[Document]:
    """The documents of one order, with the taxes of its store."""
    return order_documents(order, stores[order.store_key].rules)


def _plan_day(transaction: Transaction, plan: Plan, due: DueDay) -> int:
    documents, groups = documents_of_day(transaction, plan.chain, due.store, due.day, plan.stores, plan.settings)
    return store_changes(transaction, documents, groups, plan.intent(search_first=True, is_backfill=due.is_backfill))


def documents_of_day(
    transaction: Transaction,
    chain: str,
    store: str,
    day: date,
    stores: dict[str, ChainStore],
    settings: PlanSettings,
) -> tuple[list[Document], list[str]]:
    """The documents of a store's business day, and the groups that they belong to."""
    found = orders_of_day(transaction, chain, store, day)
    orders = settings.without_echoes(found)
    if settings.is_per_day(day):
        return day_documents(store, day, orders, stores[store].rules), [day_group(store, day)]
    return _per_order(orders, stores, settings), [order.id for order in found]


def _per_order(orders: Sequence[Order], stores: dict[str, ChainStore], settings: PlanSettings) -> list[Document]:
    """The documents of each order, without those that are in the documents of a whole day."""
    made = [document for order in orders for document in documents_of(order, stores)]
    return [document for document in made if not settings.is_per_day(document.day)]


def orders_of_day(transaction: Transaction, chain: str, store: str, day: date) -> list[Order]:
    """All orders of a store's business day, and those that were refunded on it."""
    orders: list[Order] = []
    after = ""
    while ids := read_order_ids(transaction, store, day, after, PAGE):
        orders += read_orders(transaction, chain, ids)
        after = ids[-1]
    return orders


SALES = Planner(MONEY_TYPES, _plan_orders, _plan_day)
