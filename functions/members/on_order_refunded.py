"""order.refunded → the member's purchase and running facts are kept, once an order."""

from functions.members.ledger import record
from shared import entry
from shared.messages.orders import OrderRefunded

handler = entry.batch(OrderRefunded, record)
