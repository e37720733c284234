"""order.refunded, order.payment_taken → the takings count the revenue that remains of the order. Pages hear of it."""

from functions.console.on_order_paid import count_takings
from shared.contracts.messages.orders import OrderMoneyMoved
from shared.spine import entry

handler = entry.batch(OrderMoneyMoved, count_takings)
