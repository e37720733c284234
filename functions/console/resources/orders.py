"""GET /v1/console/orders: the newest orders of a chain, a search, and one order as a timeline."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from functions.console.orders.timeline import newest_order, states, steps_of
from functions.console.resources.jobs import ConsoleJob, job_of
from functions.console.resources.scope import VisibleStores, visible_stores
from functions.console.tables.documents import read_sale_documents
from functions.console.tables.fleet import read_jobs_of_order
from functions.console.tables.live import read_regions
from functions.console.tables.orders import (
    OrderFilter,
    read_by_number,
    read_by_phone,
    read_by_pickup,
    read_order,
    read_orders,
)
from shared.contracts.ids import Ulid, first_id, split_key
from shared.contracts.messages.members import purchase_subject
from shared.contracts.messages.orders import FulfilmentStatus, PaymentStatus, SourceKind, order_subject
from shared.contracts.models import Output, Query
from shared.contracts.money import Currency
from shared.contracts.text import Id
from shared.kit.masking import masked_message
from shared.spine import outbox
from shared.spine.db import Row, Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

RIGHT = "orders:read"
# The orders of more stores are read by the chain's index.
FEW_STORES = 20
MOST_FOUND = 50
# Clocks of environments differ by less.
MARGIN = timedelta(days=1)
_ULID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")
_PHONE_ENDING = re.compile("[0-9]{4}")
_PICKUP_NUMBER = re.compile("[0-9]{1,6}")


class ConsoleOrdersQuery(Query):
    """Filters and the cursor of a page. The newest orders come first."""

    chain: Id
    store: Id | None = None
    source: SourceKind | None = None
    status: FulfilmentStatus | None = None
    payment: PaymentStatus | None = None
    after: Annotated[Ulid | None, Field(description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SearchQuery(Query):
    """An order's id, the number of its source or platform, or the last four digits of the guest's phone.

    A pickup number finds orders of today and yesterday, with `store` or for a caller of at most 20 stores.
    """

    chain: Id
    q: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]([ -~]*[!-~])?$")]
    store: Id | None = None


class ConsoleOrderPath(Query):
    """An order by its id."""

    order: Ulid


class RowSource(Output):
    """The system that sent the order."""

    kind: SourceKind
    id: str


class OrderRow(Output):
    """An order in a list, without lines and guest. Amounts are in minor units."""

    id: Ulid
    store: str
    number: str
    pickup_number: int
    source: RowSource
    business_day: date
    table: str | None
    payment: PaymentStatus
    fulfilment: FulfilmentStatus
    bill: str
    total: int
    paid: int
    refunded: int
    currency: Currency
    placed_at: datetime
    received_at: datetime
    differs: bool


class ConsoleOrders(Output):
    """The newest orders. A page may be short or empty although `next` is set."""

    at: datetime
    orders: list[OrderRow]
    next: Ulid | None


class FoundOrder(OrderRow):
    """An order that a search has found, and by which of its numbers."""

    found_by: Literal["id", "number", "phone", "pickup"]


class FoundOrders(Output):
    """The newest orders that the search has found, at most 50.

    `pickup_needs_store`: the text may be a pickup number, which is searched with `store` alone in so many stores.
    """

    orders: list[FoundOrder]
    pickup_needs_store: bool


class StateSince(Output):
    """A state of the order, and its beginning."""

    state: str
    at: datetime


class TimelineStep(Output):
    """A message about the order. `facts` are those of its members that a person reads first."""

    at: datetime
    kind: Literal["order", "print", "printing", "member", "delivery", "outlet", "other"]
    type: str
    subject: str
    message: Ulid
    sequence: int
    published_at: datetime | None
    facts: dict[str, Any]
    data: dict[str, Any]


class OrderDocument(Output):
    """A document of the order's money in another system. `of_day`: it is for all orders of the store's business day.

    `state` and `reason` are those of `GET /v1/sync/documents`. `at` is when it was posted, else when it was made.
    """

    system: str
    kind: str
    goal: str
    state: str
    cause: str | None
    reason: str | None
    number: str | None
    of_day: bool
    at: datetime


class ConsoleOrder(Output):
    """An order as it stands, with the states that it went through, its messages by time, and its print jobs.

    `documents` are those in the chain's other systems, as an ERP.
    `masked`: personal data is hidden from this caller.
    """

    order: dict[str, Any]
    masked: bool
    payment_states: list[StateSince]
    fulfilment_states: list[StateSince]
    timeline: list[TimelineStep]
    jobs: list[ConsoleJob]
    documents: list[OrderDocument]


def list_console_orders(call: Call, query: ConsoleOrdersQuery) -> Reply:
    """The newest orders of the stores that the caller may see, a page at a time."""
    visible = visible_stores(call, RIGHT, query.chain, query.store)
    fields = {name: getattr(query, name) for name in ("chain", "source", "status", "payment", "limit")}
    if not visible.places:
        return Reply(ConsoleOrders(at=call.env.clock(), orders=[], next=None))
    with call.env.db.snapshot() as transaction:
        page = read_orders(transaction, OrderFilter(**fields, cursor=query.after), visible.keys, FEW_STORES)
    orders = [OrderRow(**_fields(row)) for row in page.rows]
    return Reply(ConsoleOrders(at=call.env.clock(), orders=orders, next=page.next))


def search_orders(call: Call, query: SearchQuery) -> Reply:
    """Orders by id, number, phone ending or pickup number, the newest first."""
    visible = visible_stores(call, RIGHT, query.chain, query.store)
    keys = {location.store_id for location in visible.places}
    with call.env.db.snapshot() as transaction:
        matches = {
            row["id"]: FoundOrder(**_fields(row), found_by=how)
            for how, row in reversed(list(_matches(transaction, visible, query.q.upper(), query.q, call.env.clock())))
            if row["store_id"] in keys
        }
    orders = sorted(matches.values(), key=lambda order: order.received_at, reverse=True)
    needs_store = bool(_PICKUP_NUMBER.fullmatch(query.q)) and len(visible.places) > FEW_STORES
    return Reply(FoundOrders(orders=orders[:MOST_FOUND], pickup_needs_store=needs_store))


def get_console_order(call: Call, path: ConsoleOrderPath) -> Reply:
    """An order with its lines, its states, its timeline from the messages, and its print jobs."""
    with call.env.db.snapshot() as transaction:
        row = read_order(transaction, path.order)
        scope = _scope_of(transaction, row) if row else None
        if row is None or scope is None or not call.client.may(RIGHT, scope):
            raise NotFound("unknown_order", f"there is no order {path.order}")
        # The months of messages before the order need not be searched.
        since = first_id(row["received_at"].replace(tzinfo=UTC) - MARGIN)
        subjects = (order_subject(path.order), purchase_subject(path.order))
        rows = [
            message
            for subject in subjects
            for message in transaction.rows(outbox.TRACE, {"subject": subject, "since": since})
        ]
        jobs = [job_of(job) for job in read_jobs_of_order(transaction, path.order)]
        documents = [_of_system(document) for document in read_sale_documents(transaction, row)]
    return Reply(_document(rows, jobs, documents, hidden=not call.client.sees_personal(scope)))


def _of_system(row: Row) -> OrderDocument:
    return OrderDocument(
        system=split_key(row["system_key"])[1],
        kind=row["kind"],
        goal=row["goal"],
        state=row["state"],
        cause=row["cause"],
        reason=row["reason"],
        number=row["target_number"] or row["target_id"],
        of_day="|" in row["group_key"],
        at=(row["done_at"] or row["created_at"]).replace(tzinfo=UTC),
    )


def _scope_of(transaction: Transaction, row: Row) -> Scope | None:
    chain, store = split_key(row["store_id"])
    region = read_regions(transaction, [row["store_id"]]).get(row["store_id"])
    return Scope(chain, region, store) if region is not None else None


def _document(
    rows: Sequence[Row], jobs: list[ConsoleJob], documents: list[OrderDocument], *, hidden: bool
) -> ConsoleOrder:
    steps = steps_of(rows)
    if hidden:
        steps = [replace(step, data=masked_message(step.type, step.data)) for step in steps]
    timeline = [
        TimelineStep(
            at=step.at,
            kind=step.kind,
            type=step.type,
            subject=step.subject,
            message=step.message,
            sequence=step.sequence,
            published_at=step.published_at,
            facts=step.facts,
            data=dict(step.data),
        )
        for step in steps
    ]
    return ConsoleOrder(
        order=dict(newest_order(steps) or {}),
        masked=hidden,
        payment_states=[StateSince(state=state, at=at) for state, at in states(steps, "payment")],
        fulfilment_states=[StateSince(state=state, at=at) for state, at in states(steps, "fulfilment")],
        timeline=timeline,
        jobs=jobs,
        documents=documents,
    )


def _matches(
    transaction: Transaction, visible: VisibleStores, order: str, text: str, now: datetime
) -> Iterator[tuple[str, Row]]:
    """(how, row) of each order that the text may mean."""
    if _ULID.fullmatch(order) and (row := read_order(transaction, order)):
        yield "id", row
    if not visible.places:
        return
    of_stores = (transaction, visible.chain, visible.keys)
    yield from (("number", row) for row in read_by_number(*of_stores, text, MOST_FOUND, FEW_STORES))
    if _PHONE_ENDING.fullmatch(text):
        yield from (("phone", row) for row in read_by_phone(*of_stores, text, MOST_FOUND))
    if _PICKUP_NUMBER.fullmatch(text) and len(visible.places) <= FEW_STORES:
        days = [visible.today(now), visible.today(now) - timedelta(days=1)]
        for location in visible.places:
            yield from (("pickup", row) for row in read_by_pickup(transaction, location.store_id, days, int(text)))


def _fields(row: Row) -> dict[str, Any]:
    """The fields of `OrderRow`."""
    copied = ("id", "pickup_number", "business_day", "total", "paid", "refunded", "currency")
    return {name: row[name] for name in copied} | {
        "store": split_key(row["store_id"])[1],
        "number": row["source_number"],
        "source": RowSource(kind=row["source_kind"], id=row["source_id"]),
        "table": row["table_name"],
        "payment": row["payment_status"],
        "fulfilment": row["fulfilment_status"],
        "bill": row["bill_status"],
        "placed_at": row["placed_at"].replace(tzinfo=UTC),
        "received_at": row["received_at"].replace(tzinfo=UTC),
        "differs": bool(row["differs"]),
    }
