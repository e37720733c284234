"""Our documents of a business day, made again from orders, recipes and records. The ledger is not asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from functions.sync.adapters.contract import Adapter, ReadsStockDocuments
from functions.sync.documents.document import MONEY_KINDS, Document, Kind
from functions.sync.documents.stock import record_document
from functions.sync.engine.plan_settings import PER_DAY, PlanSettings, plan_settings, read_plan_settings
from functions.sync.engine.sales_plan import documents_of_day
from functions.sync.engine.stock import KINDS, consumption_of_day
from functions.sync.reconciliation.due_days import due_until
from functions.sync.states import Flow
from functions.sync.tables.flows import read_flows
from functions.sync.tables.stock_records import read_records_of_day
from functions.sync.tables.stores import ChainStore
from shared.contracts.ids import split_key
from shared.spine.db import Transaction

STOCK_KINDS = {**KINDS, Flow.PUSH_CONSUMPTION: Kind.CONSUMPTION}


@dataclass(frozen=True)
class SentFlows:
    """The settings of the flows by which a system gets documents. `sales` is None where it gets no sales."""

    sales: PlanSettings | None
    stock: Mapping[Kind, PlanSettings]

    def kinds(self, adapter: Adapter) -> list[Kind]:
        """The kinds of documents that the system gets, and that its adapter reads back."""
        money = MONEY_KINDS if self.sales else ()
        readable = adapter.stock_kinds if isinstance(adapter, ReadsStockDocuments) else frozenset()
        return [*money, *(kind for kind in self.stock if kind in readable)]

    def due_until(self, stores: Mapping[str, ChainStore], now: datetime) -> date:
        """The day before which the documents of all flows were due."""
        settings = [self.sales] if self.sales else []
        settings += [_with_days(kind, each) for kind, each in self.stock.items()]
        return min((due_until(stores, each, now) for each in settings), default=date.min)


def _with_days(kind: Kind, settings: PlanSettings) -> PlanSettings:
    """With consumption by day: the amounts that sales use up are known at the end of the day."""
    return replace(settings, forms=((date.min, PER_DAY),)) if kind == Kind.CONSUMPTION else settings


def read_sent_flows(transaction: Transaction, system: str) -> SentFlows:
    """The flows of a system, by its key."""
    flows = {Flow(row.flow): row for row in read_flows(transaction, system)}
    sales = read_plan_settings(transaction, system) if Flow.PUSH_SALES in flows else None
    stock = {kind: plan_settings(flows[flow].settings) for flow, kind in STOCK_KINDS.items() if flow in flows}
    return SentFlows(sales, stock)


def documents_of(
    transaction: Transaction, flows: SentFlows, kinds: list[Kind], stores: Mapping[str, ChainStore], key: str, day: date
) -> Iterator[Document]:
    """The documents of a store (by its key) and business day, of these kinds."""
    chain, store = split_key(key)
    if flows.sales and flows.sales.covers(store):
        made, _ = documents_of_day(transaction, chain, key, day, dict(stores), flows.sales)
        yield from (document for document in made if document.day == day)
    stock = {kind for kind in kinds if kind in flows.stock and flows.stock[kind].covers(store)}
    if Kind.CONSUMPTION in stock:
        yield from consumption_of_day(transaction, chain, key, day)
    if stock - {Kind.CONSUMPTION}:
        for record in read_records_of_day(transaction, key, day):
            if record.kind in stock:
                yield from record_document(record)
