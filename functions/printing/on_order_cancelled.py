"""order.cancelled → what is not printed is withdrawn, and a slip goes wherever a ticket of the order may be."""

from functions.printing.jobs.order_jobs import call_off
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderCancelled
from shared.spine import entry
from shared.spine.env import Environment


def take(message: Message[OrderCancelled], env: Environment) -> None:
    """Once, and for good: an order that is heard of later prints nothing."""
    call_off(env, message.data.order, message.data.reason, message.time)


handler = entry.queue(OrderCancelled, take)
