"""order.paid → one print job for each ticket and printer by the routing of the store, once an order."""

from functions.printing.jobs.order_jobs import print_order
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderPaid
from shared.spine import entry
from shared.spine.env import Environment


def take(message: Message[OrderPaid], env: Environment) -> None:
    """Once, however often it is said."""
    print_order(env, message.data.order, message.time, paid=True)


handler = entry.queue(OrderPaid, take)
