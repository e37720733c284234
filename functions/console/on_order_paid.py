"""order.paid → the takings of the store's business day grow by what the store keeps of it, once an order."""

from typing import TypeVar

from functions.console import store
from shared import entry
from shared.environment import Environment
from shared.messages import Message
from shared.messages.orders import OrderMessage, OrderPaid

About = TypeVar("About", bound=OrderMessage)


def take(message: Message[About], house: Environment) -> None:
    """One row an order, by its newest message. An order that was never paid in full has none."""
    order = message.data.order
    if not order.settled:
        return
    with house.db.transaction() as transaction:
        store.keep_taking(transaction, order, message.sequence)


handler = entry.queue(OrderPaid, take)
