"""POST /v1/orders: priced, numbered, kept once and announced in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus

from functions.orders import store as sql
from functions.orders import stores
from functions.orders.fitting import fitted
from functions.orders.menu import Store
from functions.orders.models import OrderIn
from functions.orders.pricing import Priced, price
from functions.orders.states import first_payment_status
from shared import log
from shared.db import Duplicate
from shared.errors import Conflict, Fault, NotFound, Rejected, Unavailable
from shared.http import Call, Reply
from shared.idempotency import Replay
from shared.ids import new_id
from shared.messages import MAX_MESSAGE_BYTES
from shared.messages.orders import (
    Difference,
    Discount,
    FulfilmentStatus,
    Guest,
    Order,
    OrderDiffers,
    OrderMessage,
    OrderPaid,
    OrderPlaced,
    Payment,
    PaymentStatus,
    Source,
)
from shared.outbox import Work

# How long a till may have been offline; older orders are history, and take the right to import it.
OFFLINE_AT_MOST = timedelta(days=7)
CLOCKS_DIFFER_BY = timedelta(minutes=5)
# A payment or refund must always fit into the messages of its order: this leaves room for dozens.
MAX_ORDER_BYTES = MAX_MESSAGE_BYTES - 50 * 1024
MAX_DIFFERENCES = 200


def place_order(call: Call, body: OrderIn) -> Reply:
    """Keep an order once. The same again gives the same reply."""
    try:
        return _place(call, body)
    except _Known as known:
        # The key that found it is kept with it, so that it is never used for another order.
        with call.once_for(known.order_id, HTTPStatus.CREATED, sql.FIND_REPLY):
            pass
        raise Replay(HTTPStatus.CREATED, known.document) from None


class _Known(Exception):
    """This very order was kept before, under another key."""

    def __init__(self, order_id: str, document: str) -> None:
        super().__init__(order_id)
        self.order_id = order_id
        self.document = document


def _place(call: Call, body: OrderIn) -> Reply:
    assert call.key is not None  # as for every mutation
    now = call.house.clock()
    sale = _sale(body, now)
    store = _store(call, body)
    order_id = new_id(now)
    log.note(order=order_id, store=store.key)
    with call.once_for(order_id, HTTPStatus.CREATED, sql.FIND_REPLY) as work:
        try:
            store, priced, number = _priced_and_numbered(call, work, sale, store, now)
        except Rejected:
            # What was orderable once may be so no more; an order that was kept then is kept.
            _explain_known(call, work, body, store, now)
            raise
        order = _order(order_id, sale, store, priced, number, now)
        said = _messages(order)
        document = order.model_dump_json()
        if len(document.encode()) > MAX_ORDER_BYTES:
            raise Rejected("too_large", "the order is too large for the systems that must read it")
        try:
            sql.add_order(work, order, source_day(body, store, now), call.key.request_hash, len(said), document)
        except Duplicate as duplicate:
            if duplicate.key == "by_source_number":
                _explain_known(call, work, body, store, now)
            raise
        for sequence, data in enumerate(said, start=1):
            # All of these carry just the order, as it was written a moment ago.
            text = f'{{"order":{document}}}'
            work.announce(data, subject=subject_of(order_id), sequence=sequence, store=store.key, text=text)
    return Reply(document, HTTPStatus.CREATED, {"Location": f"/v1/orders/{order_id}"})


@dataclass(frozen=True)
class _Sale:
    """An order as far as it can be kept, when it was placed, and each point of it that did not fit."""

    body: OrderIn
    placed_at: datetime
    misfits: list[Difference]


def _sale(body: OrderIn, now: datetime) -> _Sale:
    """Raises `Rejected` for what does not fit of an order that has not happened."""
    fit, misfits = fitted(body)
    placed_at = body.placed_at or now
    if placed_at <= now + CLOCKS_DIFFER_BY:
        return _Sale(fit, placed_at, misfits)
    if not body.has_happened:
        fault = Fault("placed_at", "in_the_future", "the source's clock is ahead of ours")
        raise Rejected("not_orderable", "the order is from the future", faults=(fault,))
    # It was placed by now at the latest: a sale never counts for a day to come because of a clock.
    ahead = Difference(path="placed_at", code="clock_ahead", stated=placed_at.isoformat(), expected=now.isoformat())
    return _Sale(fit, now, [*misfits, ahead])


def subject_of(order_id: str) -> str:
    """What messages about an order are about."""
    return f"order/{order_id}"


def _store(call: Call, body: OrderIn) -> Store:
    try:
        store = stores.copy_for(call.house, call.client, body.store)
    except NotFound:
        fault = Fault("store", "unknown_store", "there is no such store", body.store)
        raise Rejected("not_orderable", "there is no such store", faults=(fault,)) from None
    call.client.require("orders:write", store.place)
    return store


def _priced_and_numbered(call: Call, work: Work, sale: _Sale, store: Store, now: datetime) -> tuple[Store, Priced, int]:
    """Price by the copy of the store; where the store has changed since, by the store as it is."""
    body, placed_at = sale.body, sale.placed_at
    for _ in range(3):
        try:
            _require_timely(call, store, placed_at, now)
            priced = price(body, store, body.wanted_for or placed_at)
            _refuse_wrong_total(body, priced)
        except Rejected:
            fresh = stores.read_again(call.house, work, store.key)
            if fresh.revision == store.revision:
                raise
            store = fresh
            continue
        number = sql.take_pickup_number(work, store, _day_for(body, store, placed_at))
        if number is not None:
            # Rights again: the copy that let the caller in may have been of another region.
            call.client.require("orders:write", store.place)
            return store, priced, number
        store = stores.read_again(call.house, work, store.key)
    raise Unavailable("busy", "the store is being changed", retry_after=1)


def _day_for(body: OrderIn, store: Store, placed_at: datetime) -> date:
    """The business day that the order is for: a pre-order counts, and is numbered, on the day of its meal."""
    return store.day_of(max(placed_at, body.wanted_for or placed_at))


def _require_timely(call: Call, store: Store, placed_at: datetime, now: datetime) -> None:
    if placed_at < now - OFFLINE_AT_MOST:
        call.client.require("orders:import", store.place)


def _refuse_wrong_total(body: OrderIn, priced: Priced) -> None:
    """A mini-program's guest can still be shown the right price; a till's or platform's guest has paid."""
    if priced.differences and not body.has_happened:
        faults = [Fault(d.path, "differs", "the menu says otherwise", d.stated, d.expected) for d in priced.differences]
        raise Rejected("amounts_differ", "amounts differ from the store's menu; each is named", faults=tuple(faults))


def _order(order_id: str, sale: _Sale, store: Store, priced: Priced, number: int, now: datetime) -> Order:
    body, placed_at = sale.body, sale.placed_at
    paid = sum(payment.amount for payment in body.payments)
    return Order(
        id=order_id,
        store=store.id,
        chain=store.settings.chain,
        source=Source(**dict(body.source)),
        pickup_number=number,
        business_day=_day_for(body, store, placed_at),
        service=body.service,
        table=body.table,
        guest=Guest(**dict(body.guest)) if body.guest else None,
        lines=priced.lines,
        discounts=[Discount(**dict(discount)) for discount in body.discounts],
        subtotal=priced.subtotal,
        service_charge=body.service_charge,
        delivery_charge=body.delivery_charge,
        tax=body.tax,
        total=body.total,
        currency=body.currency,
        payment=first_payment_status(body.total, paid),
        fulfilment=FulfilmentStatus.PLACED,
        paid=paid,
        refunded=0,
        payments=[Payment(**{**dict(found), "taken_at": found.taken_at or placed_at}) for found in body.payments],
        refunds=[],
        differences=_named([*sale.misfits, *priced.differences]),
        placed_at=placed_at,
        received_at=now,
        wanted_for=body.wanted_for,
        kitchen_at=store.kitchen_time(placed_at, body.wanted_for),
    )


def _named(differences: list[Difference]) -> list[Difference]:
    """As many as fit beside the order into its messages; the last one then says how many there are."""
    if len(differences) <= MAX_DIFFERENCES:
        return differences
    rest = Difference(path="differences", code="more_differences", stated=len(differences), expected=MAX_DIFFERENCES)
    return [*differences[: MAX_DIFFERENCES - 1], rest]


def _messages(order: Order) -> list[OrderMessage]:
    said: list[OrderMessage] = [OrderPlaced(order=order)]
    if order.differences:
        said.append(OrderDiffers(order=order))
    if order.payment == PaymentStatus.PAID:
        said.append(OrderPaid(order=order))
    return said


def source_day(body: OrderIn, store: Store, now: datetime) -> date:
    """The store's business day on which the source gave the order its number: it may give it again on another."""
    return store.day_of(body.placed_at or now)


def _explain_known(call: Call, work: Work, body: OrderIn, store: Store, now: datetime) -> None:
    """Raises `_Known` where this order was kept before, `Conflict` where another has its number; or else nothing."""
    assert call.key is not None  # as for every mutation
    row = sql.order_by_source(work, store, body.source, source_day(body, store, now))
    if row is None:
        return
    if row["request_hash"] == call.key.request_hash:
        raise _Known(row["id"], row["document"])
    readable = call.client.may("orders:read", store.place)
    raise Conflict(
        "order_exists",
        "this source has another order under this number",
        members={"order": row["id"]} if readable else None,
    )
