"""What happens to an order after it was placed: payments, refunds, cancelling, fulfilment; and reading it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.orders import store as sql
from functions.orders import stores
from functions.orders.models import (
    CancelIn,
    FulfilmentIn,
    Happening,
    OrderPath,
    PaymentIn,
    RefundIn,
    Trace,
)
from functions.orders.states import Account, move_fulfilment
from functions.orders.subjects import subject_of
from shared.contracts.ids import first_id
from shared.contracts.messages import MessageData
from shared.contracts.messages.orders import (
    FulfilmentStatus,
    Order,
    OrderCancelled,
    OrderFulfilmentChanged,
    OrderPaid,
    OrderPaymentTaken,
    OrderRefunded,
    Refund,
)
from shared.spine import log, outbox
from shared.spine.auth import BOUND_RIGHTS
from shared.spine.db import Row, Transaction
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work


@dataclass
class Change:
    """An order locked for a change: what it becomes, and what is to be said of it."""

    work: Work
    order: Order
    now: datetime
    status: int = 200
    said: list[MessageData] = field(default_factory=list)
    reply: Reply = field(default_factory=Reply)

    @property
    def account(self) -> Account:
        """Its money."""
        return Account.of(self.order)

    def become(self, **moved: Any) -> Order:
        """The order with these fields changed."""
        self.order = self.order.model_copy(update=moved)
        return self.order


@contextmanager
def _changing(call: Call, path: OrderPath, right: str) -> Iterator[Change]:
    """Lock, let change, keep, announce; then `reply` is the order as it stands."""
    with call.once() as (work, kept):
        found = sql.read_order(work, path.order, lock=True)
        if found is None:
            raise _unknown(path)
        order, sequence = found
        log.note(order=order.id, store=order.store_key)
        _require(call, work, right, order, path)
        change = Change(work, order, call.env.clock())
        yield change
        if change.said:
            sql.move_order(work, change.order, sequence + len(change.said))
        for number, data in enumerate(change.said, start=sequence + 1):
            work.announce(data, subject=subject_of(order.id), sequence=number, store=order.store_key)
        kept.status, kept.reply, kept.subject = change.status, change.order.model_dump_json(), order.id
        change.reply = Reply(kept.reply, kept.status)


def add_payment(call: Call, path: OrderPath, body: PaymentIn) -> Reply:
    """Keep a payment, in full or in part, also one too many; the same reference again changes nothing."""
    with _changing(call, path, "orders:pay") as change:
        order, account = change.order, change.account
        amounts = {payment.reference: payment.amount for payment in order.payments}
        if body.reference in amounts:
            _require_same(amounts[body.reference], body.amount)
        else:
            rule = stores.settings_of(call.env, change.work, order.store_key).cash_rule
            payment, paid = account.pay(body, change.now, rule)
            sql.add_payment(change.work, order.id, payment)
            order = change.become(payments=[*order.payments, payment], **paid.fields())
            change.status = 201
            change.said.append(OrderPaymentTaken(order=order, payment=payment))
            if paid.is_sold_since(account):
                change.said.append(OrderPaid(order=order))
    return change.reply


def add_refund(call: Call, path: OrderPath, body: RefundIn) -> Reply:
    """Keep what went back, also where it is too much; the same reference again changes nothing."""
    with _changing(call, path, "orders:refund") as change:
        order = change.order
        amounts = {refund.reference: refund.amount for refund in order.refunds}
        if body.reference in amounts:
            _require_same(amounts[body.reference], body.amount)
        else:
            refund = Refund(**dict(body), refunded_at=change.now)
            sql.add_refund(change.work, order.id, refund)
            fields = change.account.give_back(refund.amount).fields()
            order = change.become(refunds=[*order.refunds, refund], **fields)
            change.status = 201
            change.said.append(OrderRefunded(order=order, refund=refund))
    return change.reply


def cancel_order(call: Call, path: OrderPath, body: CancelIn) -> Reply:
    """Nobody is to make it any more. What was paid stays due for a refund."""
    with _changing(call, path, "orders:cancel") as change:
        order = change.order
        if order.fulfilment != FulfilmentStatus.CANCELLED:
            order = change.become(fulfilment=move_fulfilment(order.fulfilment, FulfilmentStatus.CANCELLED))
            order = change.become(**change.account.fields())
            change.said.append(OrderCancelled(order=order, reason=body.reason, refund_due=order.refund_due))
    return change.reply


def move_order(call: Call, path: OrderPath, body: FulfilmentIn) -> Reply:
    """The next step of fulfilment; the step it is at already changes nothing."""
    with _changing(call, path, "orders:fulfil") as change:
        before = change.order.fulfilment
        if body.status != before:
            order = change.become(fulfilment=move_fulfilment(before, body.status))
            change.said.append(OrderFulfilmentChanged(order=order, before=before, after=body.status))
    return change.reply


def get_order(call: Call, path: OrderPath) -> Reply:
    """An order as it stands."""
    with call.env.db.snapshot() as transaction:
        found = sql.read_order(transaction, path.order)
        if found is None:
            raise _unknown(path)
        _require(call, transaction, "orders:read", found[0], path)
    return Reply(found[0])


def trace_order(call: Call, path: OrderPath) -> Reply:
    """Everything that was announced about an order, by any function, print jobs included."""
    with call.env.db.snapshot() as transaction:
        found = sql.read_order(transaction, path.order)
        if found is None:
            raise _unknown(path)
        _require(call, transaction, "orders:read", found[0], path)
        # Months of messages before it need not be searched; a day, because clocks of environments differ.
        earliest = first_id(found[0].received_at - timedelta(days=1))
        rows = transaction.rows(outbox.TRACE, {"subject": subject_of(path.order), "since": earliest})
    happenings = [
        Happening(
            id=row["id"],
            subject=row["subject"],
            sequence=row["sequence"],
            type=row["type"],
            occurred_at=row["occurred_at"].replace(tzinfo=UTC),
            published_at=row["sent_at"].replace(tzinfo=UTC) if row["sent_at"] else None,
            data=json.loads(row["body"])["data"],
        )
        for row in _in_time(rows)
    ]
    return Reply(Trace(order=path.order, messages=happenings))


def _in_time(rows: list[Row]) -> list[Row]:
    """By time, but never a subject's message before an earlier one of it: clocks of environments differ."""
    latest: dict[str, datetime] = {}
    for row in rows:
        latest[row["subject"]] = row["told_at"] = max(
            row["occurred_at"], latest.get(row["subject"], row["occurred_at"])
        )
    return sorted(rows, key=lambda row: row["told_at"])


def _require(call: Call, transaction: Transaction, right: str, order: Order, path: OrderPath) -> None:
    """A key that may not even read the order is told what a stranger is told."""
    place, source = stores.place_of(call.env, transaction, order.store_key), order.source
    acts = call.client.may(right, place) and (
        right not in BOUND_RIGHTS or call.client.is_bound_to(source.kind, source.id)
    )
    if not (acts or call.client.may("orders:read", place)):
        raise _unknown(path)
    if not acts:
        call.client.require(right, place)
        call.client.require_source(source.kind, source.id)


def _require_same(known: int, amount: int) -> None:
    if known != amount:
        raise Conflict("reference_reused", f"this reference was used for {known}", members={"amount": known})


def _unknown(path: OrderPath) -> NotFound:
    return NotFound("unknown_order", f"there is no order {path.order}")
