"""order.paid → one print job for each ticket and printer by the routing of the store, once an order."""

from functions.printing.order_jobs import print_order
from shared import entry
from shared.environment import Environment
from shared.messages import Message
from shared.messages.orders import OrderPaid


def take(message: Message[OrderPaid], house: Environment) -> None:
    """Once, however often it is said."""
    print_order(house, message.data.order, message.time, paid=True)


handler = entry.queue(OrderPaid, take)
