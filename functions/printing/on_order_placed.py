"""order.placed → kitchens that cook before the guest pays get their tickets, once an order."""

from functions.printing.order_jobs import print_order
from shared import entry
from shared.environment import Environment
from shared.messages import Message
from shared.messages.orders import OrderPlaced, PaymentStatus


def take(message: Message[OrderPlaced], house: Environment) -> None:
    """Once, however often it is said. An order that was paid at once has an `order.paid` too, which brings it all."""
    order = message.data.order
    if order.payment != PaymentStatus.PAID:
        print_order(house, order, message.time, paid=False)


handler = entry.queue(OrderPlaced, take)
