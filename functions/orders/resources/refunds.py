"""POST /v1/orders/{order}/refunds."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator

from functions.orders.accounts.cash_change import with_money
from functions.orders.accounts.day_moved import day_moved, is_history
from functions.orders.accounts.refunded_lines import Pieces, refunded_lines, stated_lines
from functions.orders.accounts.tenders import choose_parts, named_part, open_tenders, rounding_in_coins, with_parts
from functions.orders.accounts.tips import require_tip, tip_of
from functions.orders.intake import store_copies
from functions.orders.pricing.cleaner import ELLIPSIS, Cleaner
from functions.orders.pricing.order_request import MAX_LINES_SOLD, SoldMetadataIn
from functions.orders.pricing.sale_lines import MAX_ID
from functions.orders.resources.change import Change, change_order, require_same_amount
from functions.orders.resources.order_path import OrderPath
from functions.orders.tables.payments import insert_refund
from shared.contracts.messages.order_parts import RefundPart
from shared.contracts.messages.orders import Difference, Order, OrderDiffers, OrderRefunded, Refund
from shared.contracts.models import Input
from shared.contracts.moments import AnyMoment
from shared.contracts.money import Amount, PositiveAmount
from shared.contracts.store_record import Store
from shared.contracts.text import Reference
from shared.spine.http import Call, Reply

MAX_REASON, MAX_PERSON = 200, 100


class RefundedLineIn(Input):
    """Pieces of a line of the order."""

    line: Annotated[str, Field(min_length=1)]
    quantity: Annotated[int, Field(ge=1, le=999)] = 1


class RefundIn(Input):
    """Money that went back to the guest. A repeated `reference` changes nothing.

    With `lines` and without `amount`, the amount is what was charged for the pieces, taxes and discounts included.
    """

    reference: Reference
    amount: Annotated[
        PositiveAmount | None, Field(description="Of the bill. It may be absent with `lines` or `tip`.")
    ] = None
    reason: Annotated[str, Field(min_length=1, description="At most 200 characters are kept.")]
    lines: Annotated[list[RefundedLineIn], Field(max_length=MAX_LINES_SOLD)] = []
    tip: Annotated[Amount, Field(description="Of a tip, on top of `amount`.")] = 0
    payment: Annotated[Reference | None, Field(description="The payment to which it went back.")] = None
    method: Annotated[str | None, Field(description="The tender by which it went back; by default the payment's.")] = (
        None
    )
    comp: Annotated[bool, Field(description="The lines were given for free after the payment.")] = False
    person: Annotated[str | None, Field(description="At most 100 characters are kept.")] = None
    refunded_at: Annotated[AnyMoment | None, Field(description="By default the time of receipt.")] = None
    metadata: SoldMetadataIn = {}

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


def _refund(call: Call, change: Change, stated: RefundIn) -> None:
    before = change.order
    store = store_copies.recent_copy(call.env, change.work, before.store_key)
    body, differences = _cleaned(stated, change.now)
    refund = _with_tender(_refund_of(change, body, store), before, body, store)
    refund = refund.model_copy(update={"differences": differences})
    require_tip(before, refund.tip)
    insert_refund(change.work, before, refund)
    fields = change.account.add_refund(refund.amount).fields()
    refunds = [*before.refunds, refund]
    fields |= {"tip": tip_of(before.payments, refunds), "refunds": refunds}
    order = change.update(differences=with_money(before.differences, before.payments, refunds), **fields)
    change.status = 201
    change.messages.append(OrderRefunded(order=order, refund=refund))
    if differences:
        change.messages.append(OrderDiffers(order=order))


def _cleaned(body: RefundIn, now: datetime) -> tuple[RefundIn, list[Difference]]:
    """The refund in a form that can be stored, and each change of it."""
    cleaner, path = Cleaner(now), f"refunds[{body.reference}]"
    fields = {
        "reason": cleaner.text(f"{path}.reason", body.reason, MAX_REASON) or ELLIPSIS,
        "method": cleaner.method(f"{path}.method", body.method) if body.method else None,
        "person": cleaner.text(f"{path}.person", body.person, MAX_PERSON),
        "refunded_at": cleaner.moment(f"{path}.refunded_at", body.refunded_at),
        "metadata": cleaner.metadata(f"{path}.metadata", body.metadata) if body.metadata else {},
        "lines": [
            line.model_copy(update={"line": cleaner.text(f"{path}.lines[{number}]", line.line, MAX_ID) or ELLIPSIS})
            for number, line in enumerate(body.lines)
        ],
    }
    return body.model_copy(update=fields), cleaner.differences


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


def _with_tender(refund: Refund, order: Order, body: RefundIn, store: Store) -> Refund:
    """The refund with its tender. A computed amount is rounded where it goes back in coins."""
    exact = _to_tender(refund, order, body)
    if body.amount is not None:
        return exact
    rounding = rounding_in_coins(exact, order.refunds, store.settings.cash_rule.step)
    rounded = refund.model_copy(update={"amount": refund.amount + rounding, "rounding": rounding})
    return _to_tender(rounded, order, body) if rounding else exact


def _to_tender(refund: Refund, order: Order, body: RefundIn) -> Refund:
    tenders = open_tenders(order.payments, order.refunds)
    if body.payment is not None:
        single = RefundPart(payment=body.payment, method=body.method, amount=refund.amount, tip=refund.tip)
        return with_parts(refund, [named_part(tenders, single)])
    return with_parts(refund, choose_parts(tenders, refund.amount, refund.tip, body.method))
