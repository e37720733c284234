"""order.placed → kitchens that cook before the guest pays get their tickets, once an order."""

from functions.printing.jobs.order_jobs import print_order
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderPlaced, PaymentStatus
from shared.spine import entry
from shared.spine.env import Environment


def print_placed_order(message: Message[OrderPlaced], env: Environment) -> None:
    """A repeated message makes no second job. An order that is paid at once has an `order.paid` for all its jobs."""
    order = message.data.order
    if order.payment != PaymentStatus.PAID:
        print_order(env, order, message.time, paid=False)


handler = entry.queue(OrderPlaced, print_placed_order)
