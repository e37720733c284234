"""POST /v1/orders/{order}/payments."""

from functions.orders.accounts.cash_change import change_differences, with_money
from functions.orders.accounts.day_moved import day_moved, is_history
from functions.orders.accounts.tips import tip_of
from functions.orders.intake import store_copies
from functions.orders.pricing.cleaner import Cleaner
from functions.orders.pricing.moved_money import clean_payment
from functions.orders.pricing.order_request import MovedPaymentIn
from functions.orders.resources.change import Change, change_order, require_same_amount
from functions.orders.resources.order_path import OrderPath
from functions.orders.tables.payments import insert_payments
from shared.contracts.messages.orders import OrderDiffers, OrderPaid, OrderPaymentTaken
from shared.spine.http import Call, Reply


def add_payment(call: Call, path: OrderPath, body: MovedPaymentIn) -> Reply:
    """Store a payment: in full, in part, or above the total. The same reference again changes nothing."""
    with change_order(call, path, "orders:pay") as change:
        amounts = {payment.reference: payment.amount for payment in change.order.payments}
        if body.reference in amounts:
            require_same_amount(amounts[body.reference], body.amount)
        else:
            _pay(call, change, body)
    return change.reply


def _pay(call: Call, change: Change, stated: MovedPaymentIn) -> None:
    before, now = change.account, change.now
    store = store_copies.recent_copy(call.env, change.work, change.order.store_key)
    cleaner = Cleaner(now)
    body = clean_payment(cleaner, f"payments[{stated.reference}]", stated, stated.reference)
    taken_at = body.taken_at or now
    day = day_moved(store, taken_at, now, history=is_history(change.order, taken_at))
    payment, account = before.pay(body, now, store.settings.cash_rule, day, cleaner.differences)
    insert_payments(change.work, change.order, [payment])
    payments, refunds = [*change.order.payments, payment], change.order.refunds
    differences = with_money(change.order.differences, payments, refunds)
    tip = tip_of(payments, refunds)
    order = change.update(payments=payments, tip=tip, differences=differences, **account.fields())
    change.status = 201
    change.messages.append(OrderPaymentTaken(order=order, payment=payment))
    if payment.differences or any(change_differences([payment])):
        change.messages.append(OrderDiffers(order=order))
    if account.is_sold_since(before):
        change.messages.append(OrderPaid(order=order))
