"""order.paid → the member's purchase and running facts are kept, once an order."""

from functions.members.ledger import record
from shared import entry
from shared.messages.orders import OrderPaid

handler = entry.batch(OrderPaid, record)
