"""order.refunded, order.payment_taken → the takings of an order are what the store keeps of it since."""

from functions.console.on_order_paid import take
from shared import entry
from shared.messages.orders import OrderMoneyMoved

handler = entry.queue(OrderMoneyMoved, take)
