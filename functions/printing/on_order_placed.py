"""order.placed → kitchens that cook before the guest pays get their tickets, once an order."""

from functions.printing.jobs.order_jobs import print_order
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderPlaced, PaymentStatus
from shared.spine import entry
from shared.spine.env import Environment


def take(message: Message[OrderPlaced], env: Environment) -> None:
    """Once, however often it is said. An order that was paid at once has an `order.paid` too, which brings it all."""
    order = message.data.order
    if order.payment != PaymentStatus.PAID:
        print_order(env, order, message.time, paid=False)


handler = entry.queue(OrderPlaced, take)
