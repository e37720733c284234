"""order.refunded, order.payment_taken → the takings of an order are what the store keeps of it since."""

from functions.console.on_order_paid import take
from shared.contracts.messages.orders import OrderMoneyMoved
from shared.spine import entry

handler = entry.queue(OrderMoneyMoved, take)
