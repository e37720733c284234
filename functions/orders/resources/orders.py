"""GET /v1/orders and /v1/orders/{order}."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from functions.orders.intake.guest_order import is_own
from functions.orders.intake.guest_round import is_bill_of_guest, seen_by_guest
from functions.orders.resources.order_path import OrderPath, require_right, unknown_order
from functions.orders.resources.veil import is_veiled, veiled_orders, veiled_reply
from functions.orders.tables.order_pages import PageFilter, read_page
from functions.orders.tables.orders import read_order
from shared.contracts.ids import Ulid
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import FulfilmentStatus, Order, SourceKind
from shared.contracts.models import Output, Query
from shared.contracts.moments import Moment
from shared.contracts.store_settings import Day
from shared.contracts.stores import StoreReference, find_store
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import Fault, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope


class OrdersQuery(Query):
    """Filters and the cursor of a page. Orders are sorted by receipt, the oldest or the newest first."""

    chain: Annotated[Id | None, Field(description="Without it, all chains that the key may read.")] = None
    store: Annotated[
        StoreReference | None, Field(description="Without it, a page before the last may be short or empty.")
    ] = None
    since: Annotated[Moment | None, Field(description="Received at this time or later.")] = None
    status: FulfilmentStatus | None = None
    source: Annotated[
        SourceKind | None,
        Field(description="With `source_id` and `number`: the orders under that number."),
    ] = None
    source_id: Annotated[Id | None, Field(description="With `source` and `number`.")] = None
    number: Annotated[Id | None, Field(description="The source's own number, with `source` and `source_id`.")] = None
    day: Annotated[Day | None, Field(description="The business day, with `store`.")] = None
    table: Annotated[str | None, Field(min_length=1, max_length=100, description="With `store` and `day`.")] = None
    pickup_number: Annotated[int | None, Field(ge=1, description="With `store` and `day`.")] = None
    phone_ending: Annotated[
        str | None,
        Field(pattern="^[0-9]{4}$", description="The last four digits of the guest's phone, with `store` and `day`."),
    ] = None
    bill: Annotated[BillStatus | None, Field(description="With `store` and `day`.")] = None
    member: Annotated[Id | None, Field(description="The chain's member id of the guest.")] = None
    order: Literal["oldest", "newest"] = "oldest"
    cursor: Annotated[Ulid | None, Field(description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class OrderPage(Output):
    """A page of orders. `next` is the cursor of the next page; the last page has none."""

    orders: list[Order]
    next: Ulid | None


def get_order(call: Call, path: OrderPath) -> Reply:
    """An order at its present state."""
    with call.env.db.snapshot() as transaction:
        stored = read_order(transaction, path.order)
        if stored is None:
            raise unknown_order(path.order)
        require_right(call, transaction, "orders:read", stored.order)
        order = stored.order
        if is_veiled(call, transaction, order):
            return veiled_reply(order)
    at_table = is_bill_of_guest(call, order) and not is_own(call, order)
    return Reply(seen_by_guest(order) if at_table else order)


def list_orders(call: Call, query: OrdersQuery) -> Reply:
    """Orders in the order of receipt, of the stores that the key may read, a page at a time."""
    _require_complete(query)
    with call.env.db.snapshot() as transaction:
        reach = call.client.reach("orders:read")
        try:
            store = _store_of(transaction, call, query)
        except NotFound:
            return Reply(OrderPage(orders=[], next=None))
        page = read_page(transaction, reach.within(query.chain), _page_filter(query, store))
        orders = veiled_orders(call, transaction, page.orders)
    return Reply(OrderPage(orders=orders, next=page.next))


def _store_of(transaction: Transaction, call: Call, query: OrdersQuery) -> Scope | None:
    if not query.store:
        return None
    bare = query.chain and ":" not in query.store
    return find_store(transaction, call.client, f"{query.chain}:{query.store}" if bare else query.store)


def _page_filter(query: OrdersQuery, store: Scope | None) -> PageFilter:
    return PageFilter(
        query.limit,
        query.order == "newest",
        store,
        query.since,
        query.status,
        query.source,
        query.source_id,
        query.number,
        query.cursor,
        date.fromisoformat(query.day) if query.day else None,
        query.pickup_number,
        query.table,
        query.phone_ending,
        query.bill,
        query.member,
    )


def _require_complete(query: OrdersQuery) -> None:
    """Raises `Rejected` for a part of a filter, because no index finds orders by a part."""
    faults = [*_missing_of_source(query), *_missing_of_day(query)]
    if faults:
        raise Rejected("query_invalid", f"{len(faults)} fault(s) in the query; each is named", faults=tuple(faults))


def _missing_of_source(query: OrdersQuery) -> list[Fault]:
    fields = {"source": query.source, "source_id": query.source_id, "number": query.number}
    missing = [name for name, value in fields.items() if value is None]
    if len(missing) == len(fields):
        return []
    return [Fault(name, "missing", "source, source_id and number go together") for name in missing]


def _missing_of_day(query: OrdersQuery) -> list[Fault]:
    """`store` and `day` are missing where a filter searches among the orders of a day."""
    of_day = (query.table, query.pickup_number, query.phone_ending, query.bill)
    needs_day = any(value is not None for value in of_day)
    missing = [] if query.store or not (needs_day or query.day) else ["store"]
    missing += [] if query.day or not needs_day else ["day"]
    return [Fault(name, "missing", "this filter needs store and day") for name in missing]
