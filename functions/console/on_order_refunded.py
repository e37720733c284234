"""order.refunded, order.payment_taken → the takings count the revenue that remains of the order."""

from functions.console.on_order_paid import count_taking
from shared.contracts.messages.orders import OrderMoneyMoved
from shared.spine import entry

handler = entry.queue(OrderMoneyMoved, count_taking)
