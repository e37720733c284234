"""POST /v1/orders/{order}/refunds."""

from typing import Annotated

from pydantic import Field, model_validator

from functions.orders.accounts.day_moved import day_moved, is_history
from functions.orders.accounts.refunded_lines import Pieces, refunded_lines, stated_lines
from functions.orders.accounts.tenders import choose_parts, named_part, open_tenders, with_parts
from functions.orders.accounts.tips import require_tip, tip_of
from functions.orders.intake import store_copies
from functions.orders.pricing.order_request import MAX_LINES_SOLD, MetadataIn
from functions.orders.resources.change import Change, change_order, require_same_amount
from functions.orders.resources.order_path import OrderPath
from functions.orders.tables.payments import insert_refund
from shared.contracts.messages.order_parts import RefundPart
from shared.contracts.messages.orders import Order, OrderRefunded, Refund
from shared.contracts.models import Input
from shared.contracts.moments import Moment
from shared.contracts.money import Amount, PositiveAmount
from shared.contracts.store_record import Store
from shared.contracts.text import Id, Method, Name, Note, Reference
from shared.spine.http import Call, Reply


class RefundedLineIn(Input):
    """Pieces of a line of the order."""

    line: Id
    quantity: Annotated[int, Field(ge=1, le=999)] = 1


class RefundIn(Input):
    """Money that went back to the guest. A repeated `reference` changes nothing.

    With `lines` and without `amount`, the amount is what was charged for the pieces, taxes and discounts included.
    """

    reference: Reference
    amount: Annotated[
        PositiveAmount | None, Field(description="Of the bill. It may be absent with `lines` or `tip`.")
    ] = None
    reason: Note
    lines: Annotated[list[RefundedLineIn], Field(max_length=MAX_LINES_SOLD)] = []
    tip: Annotated[Amount, Field(description="Of a tip, on top of `amount`.")] = 0
    payment: Annotated[Reference | None, Field(description="The payment to which it went back.")] = None
    method: Annotated[
        Method | None, Field(description="The tender by which it went back; by default the payment's.")
    ] = None
    comp: Annotated[bool, Field(description="The lines were given for free after the payment.")] = False
    person: Name | None = None
    refunded_at: Annotated[Moment | None, Field(description="By default the time of receipt.")] = None
    metadata: MetadataIn = {}

    @model_validator(mode="after")
    def _of_something(self) -> "RefundIn":
        if self.amount is None and not self.lines and not self.tip:
            raise ValueError("a refund has an amount, lines or a tip")
        return self


def add_refund(call: Call, path: OrderPath, body: RefundIn) -> Reply:
    """Store a refund, even one above the payments. The same reference again changes nothing.

    Without `payment` it goes to the newest payment that has all of it, else to several, newest first.
    """
    with change_order(call, path, "orders:refund") as change:
        amounts = {refund.reference: refund.amount for refund in change.order.refunds}
        if body.reference not in amounts:
            _refund(call, change, body)
        elif body.amount is not None:
            require_same_amount(amounts[body.reference], body.amount)
    return change.reply


def _refund(call: Call, change: Change, body: RefundIn) -> None:
    before = change.order
    store = store_copies.recent_copy(call.env, change.work, before.store_key)
    refund = _to_tender(_refund_of(change, body, store), before, body)
    require_tip(before, refund.tip)
    insert_refund(change.work, before, refund)
    fields = change.account.add_refund(refund.amount).fields()
    refunds = [*before.refunds, refund]
    order = change.update(refunds=refunds, tip=tip_of(before.payments, refunds), **fields)
    change.status = 201
    change.messages.append(OrderRefunded(order=order, refund=refund))


def _refund_of(change: Change, body: RefundIn, store: Store) -> Refund:
    """The refund before its tender is chosen."""
    order, now = change.order, change.now
    refunded_at = body.refunded_at or now
    pieces = [Pieces(line.line, line.quantity) for line in body.lines]
    if body.amount is None:
        lines = refunded_lines(order, pieces, store) if pieces else []
        amount = sum(line.amount for line in lines)
    else:
        lines = stated_lines(body.amount, pieces, order)
        amount = body.amount
    return Refund(
        reference=body.reference,
        amount=amount,
        reason=body.reason,
        refunded_at=refunded_at,
        tip=body.tip,
        lines=lines,
        comp=body.comp,
        person=body.person,
        day=day_moved(store, refunded_at, now, history=is_history(order, refunded_at)),
        metadata=body.metadata,
    )


def _to_tender(refund: Refund, order: Order, body: RefundIn) -> Refund:
    tenders = open_tenders(order.payments, order.refunds)
    if body.payment is not None:
        single = RefundPart(payment=body.payment, method=body.method, amount=refund.amount, tip=refund.tip)
        return with_parts(refund, [named_part(tenders, single)])
    return with_parts(refund, choose_parts(tenders, refund.amount, refund.tip, body.method))
