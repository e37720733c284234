"""order.refunded, order.payment_taken → the member's purchase and running facts are kept, once an order."""

from functions.members.ledger import record
from shared import entry
from shared.messages.orders import OrderMoneyMoved

handler = entry.batch(OrderMoneyMoved, record)
