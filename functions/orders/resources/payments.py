"""POST /v1/orders/{order}/payments."""

from functions.orders.intake import store_copies
from functions.orders.pricing.order_request import PaymentIn
from functions.orders.resources.change import Change, change_order, require_same_amount
from functions.orders.resources.order_path import OrderPath
from functions.orders.tables.payments import insert_payments
from shared.contracts.messages.orders import OrderPaid, OrderPaymentTaken
from shared.spine.http import Call, Reply


def add_payment(call: Call, path: OrderPath, body: PaymentIn) -> Reply:
    """Store a payment: in full, in part, or above the total. The same reference again changes nothing."""
    with change_order(call, path, "orders:pay") as change:
        amounts = {payment.reference: payment.amount for payment in change.order.payments}
        if body.reference in amounts:
            require_same_amount(amounts[body.reference], body.amount)
        else:
            _pay(call, change, body)
    return change.reply


def _pay(call: Call, change: Change, body: PaymentIn) -> None:
    before = change.account
    settings = store_copies.recent_copy(call.env, change.work, change.order.store_key).settings
    payment, account = before.pay(body, change.now, settings.cash_rule)
    insert_payments(change.work, change.order.id, [payment])
    order = change.update(payments=[*change.order.payments, payment], **account.fields())
    change.status = 201
    change.messages.append(OrderPaymentTaken(order=order, payment=payment))
    if account.is_sold_since(before):
        change.messages.append(OrderPaid(order=order))
