"""order.refunded, order.payment_taken → the member's purchase and running facts are kept, once an order."""

from functions.members.ledger.record_orders import record
from shared.contracts.messages.orders import OrderMoneyMoved
from shared.spine import entry

handler = entry.batch(OrderMoneyMoved, record)
