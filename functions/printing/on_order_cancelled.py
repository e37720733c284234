"""order.cancelled → what is not printed is withdrawn, and a slip goes wherever a ticket of the order may be."""

from functions.printing.order_jobs import call_off
from shared import entry
from shared.environment import Environment
from shared.messages import Message
from shared.messages.orders import OrderCancelled


def take(message: Message[OrderCancelled], house: Environment) -> None:
    """Once, and for good: an order that is heard of later prints nothing."""
    call_off(house, message.data.order, message.data.reason, message.time)


handler = entry.queue(OrderCancelled, take)
