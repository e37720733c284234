"""order.placed → kitchens that cook before the guest pays get their tickets, once an order."""

from functions.printing.order_jobs import print_order
from shared import entry
from shared.environment import Environment
from shared.messages import Message
from shared.messages.orders import OrderPlaced


def take(message: Message[OrderPlaced], house: Environment) -> None:
    """Once, however often it is said."""
    print_order(house, message.data.order, message.time, paid=False)


handler = entry.queue(OrderPlaced, take)
