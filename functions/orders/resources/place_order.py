"""POST /v1/orders: an order is priced, numbered, stored once and announced in one transaction."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from http import HTTPStatus

from functions.orders.accounts.account import Account
from functions.orders.accounts.cash_change import change_differences
from functions.orders.accounts.day_moved import day_moved
from functions.orders.accounts.tips import tip_of
from functions.orders.bills.amounts import opened_bill
from functions.orders.intake import store_copies
from functions.orders.intake.assessment import (
    Assessment,
    Numbered,
    assess,
    business_day_of,
    require_rights,
    take_number,
)
from functions.orders.intake.guest_order import within_token
from functions.orders.intake.order_id import order_id_of
from functions.orders.intake.order_limits import limited_differences, require_size
from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.sale import Sale, Times, sale_of
from functions.orders.tables.orders import (
    SAME_SOURCE,
    SELECT_REPLY,
    FirstRequest,
    insert_order,
    lock_by_source,
    read_by_source,
)
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import (
    Difference,
    FulfilmentStatus,
    Guest,
    Line,
    Order,
    OrderDiffers,
    OrderMessage,
    OrderPaid,
    OrderPlaced,
    Payment,
    PaymentStatus,
    Source,
    order_subject,
)
from shared.contracts.store_record import OFFLINE_AT_MOST, Store
from shared.spine import log
from shared.spine.db import Duplicate
from shared.spine.errors import Conflict, Fault, NotFound, Rejected, Unavailable
from shared.spine.http import Call, Reply
from shared.spine.idempotency import Replay
from shared.spine.outbox import Work

# A source that has no answer sends the same again for this long, also across the end of a business day.
RETRIED_WITHIN = timedelta(hours=1)
# Between two environments.
CLOCKS_DIFFER_BY = timedelta(minutes=1)
ATTEMPTS = 3


class _AlreadyPlaced(Exception):
    """The same order was stored before, under another idempotency key."""

    def __init__(self, first: FirstRequest) -> None:
        super().__init__(first.order_id)
        self.order_id = first.order_id
        self.document = first.document


class _MemberForgotten(Exception):
    """The guest is a member who was forgotten."""


class _DayChanged(Exception):
    """The copy of the store had another business day than the present store, so the order's id was wrong."""


def place_order(call: Call, body: OrderIn) -> Reply:
    """Store an order once. The same order again gets the same reply."""
    body = within_token(call, body)
    try:
        return _place_for_guest(call, body)
    except _AlreadyPlaced as earlier:
        # This key is stored with the order too, so that no other order can use it.
        with call.once_for(earlier.order_id, HTTPStatus.CREATED, SELECT_REPLY):
            pass
        raise Replay(HTTPStatus.CREATED, earlier.document) from None


def _place_for_guest(call: Call, body: OrderIn) -> Reply:
    """Place the order, without its guest when that is a member who was forgotten."""
    forgotten = False
    for _ in range(ATTEMPTS):
        try:
            return _place(call, body, forgotten=forgotten)
        except _MemberForgotten:
            forgotten = True
        except _DayChanged:
            continue
    raise Unavailable("busy", "the store is being changed", retry_after=1)


def _place(call: Call, body: OrderIn, *, forgotten: bool) -> Reply:
    now = call.env.clock()
    store = _store(call, body)
    call.replay_recent(SELECT_REPLY)
    sale = sale_of(body, now, may_import=call.client.may("orders:import", store.scope))
    if forgotten:
        sale = replace(sale, order=sale.order.model_copy(update={"guest": None}))
    order_id = order_id_of(sale.order, store, now)
    log.note(order=order_id, store=store.key)
    with call.once_for(order_id, HTTPStatus.CREATED, SELECT_REPLY) as work:
        numbered = take_number(call, work, sale, store, now)
        assessment = _assess_or_replay(call, work, sale, numbered, now)
        if assessment.store is not store and order_id_of(sale.order, assessment.store, now) != order_id:
            raise _DayChanged
        order = _order(order_id, sale, assessment, now)
        document = order.model_dump_json()
        require_size(document)
        messages = _messages(order)
        member_forgotten = _insert_or_replay(call, work, order, assessment, document, len(messages))
        _require_first(call, work, sale.order, assessment, now)
        if member_forgotten:
            raise _MemberForgotten
        for sequence, data in enumerate(messages, start=1):
            # Each of these messages carries only the order, whose JSON exists already.
            text = f'{{"order":{document}}}'
            work.announce(data, subject=order_subject(order_id), sequence=sequence, store=store.key, text=text)
    return Reply(document, HTTPStatus.CREATED, {"Location": f"/v1/orders/{order_id}"})


def _store(call: Call, body: OrderIn) -> Store:
    """The environment's copy of the store. Raises `Rejected` for an unknown store and for a missing right."""
    try:
        store = store_copies.copy_for(call.env, call.client, body.store)
    except NotFound:
        fault = Fault("store", "unknown_store", "there is no such store", body.store)
        raise Rejected("not_orderable", "there is no such store", faults=(fault,)) from None
    if not call.client.may("orders:place", store.scope):
        # The copy may be older than the store's move into a region of the key.
        with call.env.db.transaction() as transaction:
            store = store_copies.refresh(call.env, transaction, store.key)
    require_rights(call.client, body, store)
    call.client.require_source(body.source.kind, body.source.id)
    return store


def _assess_or_replay(call: Call, work: Work, sale: Sale, numbered: Numbered, now: datetime) -> Assessment:
    """Price the order. Raises `_AlreadyPlaced` for a stored order that can't be placed any more."""
    try:
        return assess(call, work, sale, numbered, now)
    except Rejected:
        _require_new(call, work, sale.order, numbered.store, numbered.store.day_of(sale.order.placed_at or now))
        raise


def _insert_or_replay(
    call: Call, work: Work, order: Order, assessment: Assessment, document: str, last_sequence: int
) -> bool:
    """Store the order. Whether its member was forgotten. Raises as `_require_new` for a number that is in use."""
    assert call.key is not None  # as for every mutation
    source_day, request_hash = assessment.source_day, call.key.request_hash

    def refuse(failure: Exception) -> None:
        if isinstance(failure, Duplicate) and failure.key in SAME_SOURCE:
            _require_new(call, work, order, assessment.store, source_day)

    return insert_order(work, order, source_day, request_hash, last_sequence, document, refuse)


def _order(order_id: str, sale: Sale, assessment: Assessment, now: datetime) -> Order:
    body, placed_at, priced, store = sale.order, sale.placed_at, assessment.priced, assessment.store_at_sale
    payments, account = _payments(body, store, sale.times, now)
    order = Order(
        id=order_id,
        store=assessment.store.id,
        chain=assessment.store.settings.chain,
        source=Source(**dict(body.source)),
        pickup_number=assessment.number.number,
        business_day=business_day_of(body, store, placed_at),
        service=body.service,
        table=body.table,
        guest=Guest(**body.guest.model_dump()) if body.guest else None,
        service_charge=body.service_charge,
        delivery_charge=body.delivery_charge,
        total=body.total,
        currency=body.currency,
        fulfilment=FulfilmentStatus.PLACED,
        payments=payments,
        refunds=[],
        differences=limited_differences(
            [
                *sale.differences,
                *_repeated_number(sale, assessment),
                *priced.differences,
                *assessment.differences,
                *change_differences(payments),
            ]
        ),
        tip=tip_of(payments, []),
        placed_at=placed_at,
        received_at=now,
        wanted_for=body.wanted_for,
        kitchen_at=store.kitchen_time(sale.times.ordered_at, body.wanted_for),
        covers=body.covers,
        waiter=body.waiter,
        note=body.note,
        metadata=body.metadata,
        slot=assessment.slot,
        **priced.fields() | {"lines": _lines(priced.lines, sale.times)},
        bill=BillStatus.OPEN if body.open else BillStatus.CLOSED,
        opened=body.open,
        **account.fields(),
    )
    return opened_bill(order, store) if body.open else order


def _lines(lines: list[Line], times: Times) -> list[Line]:
    """The lines. Those of a sale that counts later than it was made have its own time, for counted items."""
    if times.ordered_at == times.placed_at:
        return lines
    return [line.model_copy(update={"placed_at": times.ordered_at}) for line in lines]


def _repeated_number(sale: Sale, assessment: Assessment) -> list[Difference]:
    """A difference when the same order came on an earlier day: a till restarted its numbers, or sent it once more."""
    number = sale.order.source.number
    repeated = assessment.number.repeated
    return [Difference(path="source.number", code="number_repeated", stated=number)] if repeated else []


def _payments(body: OrderIn, store: Store, times: Times, now: datetime) -> tuple[list[Payment], Account]:
    """The payments that came with the order, and its account after them."""
    at = times.ordered_at
    account = Account.opened(body.total, at, BillStatus.OPEN if body.open else BillStatus.CLOSED)
    history = times.placed_at < now - OFFLINE_AT_MOST
    payments = []
    for request in body.payments:
        day = day_moved(store, request.taken_at or at, now, history=history)
        payment, account = account.pay(request, at, store.settings.cash_rule, day)
        payments.append(payment)
    return payments, account


def _messages(order: Order) -> list[OrderMessage]:
    messages: list[OrderMessage] = [OrderPlaced(order=order)]
    if order.differences:
        messages.append(OrderDiffers(order=order))
    if order.payment == PaymentStatus.PAID:
        messages.append(OrderPaid(order=order))
    return messages


def _require_first(call: Call, work: Work, body: OrderIn, assessment: Assessment, now: datetime) -> None:
    """Raises `_AlreadyPlaced` when an order without `placed_at` was stored on the other side of its day's end.

    The search runs after the order is inserted, and waits. So each of two requests at once sees the other one, or the
    server rolls one of them back.
    """
    assert call.key is not None  # as for every mutation
    if body.placed_at:
        return
    store, since, soon = assessment.store, now - RETRIED_WITHIN, call.env.clock() + CLOCKS_DIFFER_BY
    for day in {store.day_of(since), store.day_of(soon)} - {assessment.source_day}:
        first = lock_by_source(work, store, body.source, day)
        if first and first.request_hash == call.key.request_hash and first.received_at >= since:
            raise _AlreadyPlaced(first)


def _require_new(call: Call, work: Work, order: OrderIn | Order, store: Store, source_day: date) -> None:
    """Raises `_AlreadyPlaced` for an order that is stored, `Conflict` when another order has its number."""
    assert call.key is not None  # as for every mutation
    first = read_by_source(work, store, order.source, source_day)
    if first is None:
        return
    if first.request_hash == call.key.request_hash:
        raise _AlreadyPlaced(first)
    readable = call.client.may("orders:read", store.scope)
    raise Conflict(
        "order_exists",
        "this source has another order under this number",
        extensions={"order": first.order_id} if readable else None,
    )
