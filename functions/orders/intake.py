"""POST /v1/orders: priced, numbered, kept once and announced in one transaction."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

from functions.orders import store as sql
from functions.orders import stores
from functions.orders.fitting import Sale, sale_of
from functions.orders.judging import Judged, day_for, judge, require_rights
from functions.orders.menu import Store
from functions.orders.models import OrderIn
from functions.orders.states import Account
from functions.orders.subjects import subject_of
from shared.contracts.ids import new_id
from shared.contracts.messages import MAX_MESSAGE_BYTES
from shared.contracts.messages.orders import (
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
from shared.spine import log
from shared.spine.db import Duplicate
from shared.spine.errors import Conflict, Fault, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.idempotency import Replay
from shared.spine.outbox import Work

# A source that has no answer sends the same again for so long, over the end of a business day too.
RETRIED_WITHIN = timedelta(hours=1)
# Of two environments.
CLOCKS_DIFFER_BY = timedelta(minutes=1)
# A payment or refund must always fit into the messages of its order: this leaves room for dozens.
MAX_ORDER_BYTES = MAX_MESSAGE_BYTES - 50 * 1024
MAX_DIFFERENCES = 200


def place_order(call: Call, body: OrderIn) -> Reply:
    """Keep an order once. The same again gives the same reply."""
    try:
        return _place_for_guest(call, body)
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


class _Forgotten(Exception):
    """The guest is a member who was forgotten."""


def _place_for_guest(call: Call, body: OrderIn) -> Reply:
    """Without the guest where that is a member who was forgotten."""
    try:
        return _place(call, body)
    except _Forgotten:
        return _place(call, body, forgotten=True)


def _place(call: Call, body: OrderIn, *, forgotten: bool = False) -> Reply:
    assert call.key is not None  # as for every mutation
    now = call.env.clock()
    sale = sale_of(body, now)
    if forgotten:
        sale = replace(sale, order=sale.order.model_copy(update={"guest": None}))
    store = _store(call, body)
    order_id = new_id(now)
    log.note(order=order_id, store=store.key)
    with call.once_for(order_id, HTTPStatus.CREATED, sql.FIND_REPLY) as work:
        try:
            judged = judge(call, work, sale, store, now)
        except Rejected:
            # What was orderable once may be so no more; an order that was kept then is kept.
            _explain_known(call, work, body, store, store.day_of(body.placed_at or now))
            raise
        order = _order(order_id, sale, judged, now)
        said = _messages(order)
        document = order.model_dump_json()
        if len(document.encode()) > MAX_ORDER_BYTES:
            raise Rejected("too_large", "the order is too large for the systems that must read it")
        try:
            erased = sql.add_order(work, order, judged.source_day, call.key.request_hash, len(said), document)
        except Duplicate as duplicate:
            if duplicate.key == "by_source_number":
                _explain_known(call, work, body, judged.store, judged.source_day)
            raise
        _explain_retry(call, work, body, judged, now)
        if erased:
            raise _Forgotten
        for sequence, data in enumerate(said, start=1):
            # All of these carry just the order, as it was written a moment ago.
            text = f'{{"order":{document}}}'
            work.announce(data, subject=subject_of(order_id), sequence=sequence, store=store.key, text=text)
    return Reply(document, HTTPStatus.CREATED, {"Location": f"/v1/orders/{order_id}"})


def _store(call: Call, body: OrderIn) -> Store:
    try:
        store = stores.copy_for(call.env, call.client, body.store)
    except NotFound:
        fault = Fault("store", "unknown_store", "there is no such store", body.store)
        raise Rejected("not_orderable", "there is no such store", faults=(fault,)) from None
    if not call.client.may("orders:place", store.place):
        # The copy may be from before the store came into a region of the key.
        with call.env.db.transaction() as transaction:
            store = stores.read_again(call.env, transaction, store.key)
    require_rights(call.client, body, store)
    call.client.require_source(body.source.kind, body.source.id)
    return store


def _order(order_id: str, sale: Sale, judged: Judged, now: datetime) -> Order:
    body, placed_at, priced = sale.order, sale.placed_at, judged.priced
    payments, account = _payments(body, judged.then, placed_at)
    return Order(
        id=order_id,
        store=judged.store.id,
        chain=judged.store.settings.chain,
        source=Source(**dict(body.source)),
        pickup_number=judged.number,
        business_day=day_for(body, judged.then, placed_at),
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
        fulfilment=FulfilmentStatus.PLACED,
        payments=payments,
        refunds=[],
        differences=_named([*sale.misfits, *_repeated(sale, judged), *priced.differences]),
        placed_at=placed_at,
        received_at=now,
        wanted_for=body.wanted_for,
        kitchen_at=judged.then.kitchen_time(placed_at, body.wanted_for),
        **account.fields(),
    )


def _repeated(sale: Sale, judged: Judged) -> list[Difference]:
    """Numbers that begin again each morning, or an order of another day that was sent once more: a person must see."""
    number = sale.order.source.number
    return [Difference(path="source.number", code="number_repeated", stated=number)] if judged.repeated else []


def _named(differences: list[Difference]) -> list[Difference]:
    """As many as fit beside the order into its messages; the last one then says how many there are."""
    if len(differences) <= MAX_DIFFERENCES:
        return differences
    rest = Difference(path="differences", code="more_differences", stated=len(differences), expected=MAX_DIFFERENCES)
    return [*differences[: MAX_DIFFERENCES - 1], rest]


def _payments(body: OrderIn, store: Store, placed_at: datetime) -> tuple[list[Payment], Account]:
    """What was paid when the order came, and where its money stands by that."""
    account = Account.opened(body.total, placed_at)
    payments = []
    for paying in body.payments:
        payment, account = account.pay(paying, placed_at, store.settings.cash_rule)
        payments.append(payment)
    return payments, account


def _messages(order: Order) -> list[OrderMessage]:
    said: list[OrderMessage] = [OrderPlaced(order=order)]
    if order.differences:
        said.append(OrderDiffers(order=order))
    if order.payment == PaymentStatus.PAID:
        said.append(OrderPaid(order=order))
    return said


def _explain_retry(call: Call, work: Work, body: OrderIn, judged: Judged, now: datetime) -> None:
    """Raises `_Known` where this order, which does not say when it was placed, is kept beyond the end of its day.

    Looked for after the order was written, and waited for: of two such posts at once each sees the other, or the server
    sends one of them back.
    """
    assert call.key is not None  # as for every mutation
    if body.placed_at:
        return
    since, soon = now - RETRIED_WITHIN, call.env.clock() + CLOCKS_DIFFER_BY
    for day in {judged.store.day_of(since), judged.store.day_of(soon)} - {judged.source_day}:
        row = sql.order_by_source(work, judged.store, body.source, day, wait=True)
        if row and row["request_hash"] == call.key.request_hash and row["received_at"].replace(tzinfo=UTC) >= since:
            raise _Known(row["id"], row["document"])


def _explain_known(call: Call, work: Work, body: OrderIn, store: Store, source_day: date) -> None:
    """Raises `_Known` where this order was kept before, `Conflict` where another has its number; or else nothing."""
    assert call.key is not None  # as for every mutation
    row = sql.order_by_source(work, store, body.source, source_day)
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
