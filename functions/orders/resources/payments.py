"""POST /v1/orders/{order}/payments."""

from functions.orders.accounts.cash_change import change_differences, with_change
from functions.orders.accounts.day_moved import day_moved, is_history
from functions.orders.accounts.tips import tip_of
from functions.orders.intake import store_copies
from functions.orders.pricing.order_request import PaymentIn
from functions.orders.resources.change import Change, change_order, require_same_amount
from functions.orders.resources.order_path import OrderPath
from functions.orders.tables.payments import insert_payments
from shared.contracts.messages.orders import OrderDiffers, OrderPaid, OrderPaymentTaken
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
    store = store_copies.recent_copy(call.env, change.work, change.order.store_key)
    history = is_history(change.order, body.taken_at or change.now)
    day = day_moved(store, body.taken_at or change.now, change.now, history=history)
    payment, account = before.pay(body, change.now, store.settings.cash_rule, day)
    insert_payments(change.work, change.order, [payment])
    payments = [*change.order.payments, payment]
    differences = with_change(change.order.differences, payments)
    tip = tip_of(payments, change.order.refunds)
    order = change.update(payments=payments, tip=tip, differences=differences, **account.fields())
    change.status = 201
    change.messages.append(OrderPaymentTaken(order=order, payment=payment))
    if any(change_differences([payment])):
        change.messages.append(OrderDiffers(order=order))
    if account.is_sold_since(before):
        change.messages.append(OrderPaid(order=order))
