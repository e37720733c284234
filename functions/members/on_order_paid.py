"""order.paid → the member's purchase and running facts are kept, once an order."""

from functions.members.ledger.record_orders import record
from shared.contracts.messages.orders import OrderPaid
from shared.spine import entry

handler = entry.batch(OrderPaid, record)
