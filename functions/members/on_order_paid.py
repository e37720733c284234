"""order.paid → the member's purchase enters the ledger and the facts, once for each order"""

from functions.members.ledger.record_orders import record_orders
from shared.contracts.messages.orders import OrderPaid
from shared.spine import entry

handler = entry.batch(OrderPaid, record_orders)
