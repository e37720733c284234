"""order.refunded, order.payment_taken → the takings of the order's business day are what the store keeps of it by then."""

from functions.console.on_order_paid import take
from shared import entry
from shared.messages.orders import OrderMoneyMoved

handler = entry.queue(OrderMoneyMoved, take)
