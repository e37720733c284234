"""POST /v1/orders/{order}/refunds."""

from functions.orders.resources.change import change_order, require_same_amount
from functions.orders.resources.order_path import OrderPath
from functions.orders.tables.payments import insert_refund
from shared.contracts.messages.orders import OrderRefunded, Refund
from shared.contracts.models import Input
from shared.contracts.money import PositiveAmount
from shared.contracts.text import Note, Reference
from shared.spine.http import Call, Reply


class RefundIn(Input):
    """Money that went back to the guest. A repeated `reference` changes nothing."""

    reference: Reference
    amount: PositiveAmount
    reason: Note


def add_refund(call: Call, path: OrderPath, body: RefundIn) -> Reply:
    """Store a refund, even one above the payments. The same reference again changes nothing."""
    with change_order(call, path, "orders:refund") as change:
        order = change.order
        amounts = {refund.reference: refund.amount for refund in order.refunds}
        if body.reference in amounts:
            require_same_amount(amounts[body.reference], body.amount)
        else:
            refund = Refund(**dict(body), refunded_at=change.now)
            insert_refund(change.work, order.id, refund)
            fields = change.account.add_refund(refund.amount).fields()
            order = change.update(refunds=[*order.refunds, refund], **fields)
            change.status = 201
            change.messages.append(OrderRefunded(order=order, refund=refund))
    return change.reply
