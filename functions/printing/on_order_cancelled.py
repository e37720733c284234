"""order.cancelled → unprinted jobs are withdrawn, and a slip is printed at each place that may have a ticket."""

from functions.printing.jobs import cancellation
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderCancelled
from shared.spine import entry
from shared.spine.env import Environment


def cancel_order(message: Message[OrderCancelled], env: Environment) -> None:
    """A repeated message changes nothing. A later `order.paid` of the same order prints nothing."""
    cancellation.cancel_order(env, message.data.order, message.data.reason, message.time)


handler = entry.queue(OrderCancelled, cancel_order)
