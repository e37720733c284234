"""order.paid → one print job for each ticket and printer by the store's routing, once an order."""

from functions.printing.jobs.order_jobs import print_order
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderPaid
from shared.spine import entry
from shared.spine.env import Environment


def print_paid_order(message: Message[OrderPaid], env: Environment) -> None:
    """A repeated message makes no second job."""
    print_order(env, message.data.order, message.time, paid=True)


handler = entry.queue(OrderPaid, print_paid_order)
