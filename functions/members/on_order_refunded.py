"""order.refunded, order.payment_taken → the member's ledger and facts follow the money of the order"""

from functions.members.ledger.record_orders import record_orders
from shared.contracts.messages.orders import OrderMoneyMoved
from shared.spine import entry

handler = entry.batch(OrderMoneyMoved, record_orders)
