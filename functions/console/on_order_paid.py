"""order.paid → the takings of the store's business day grow by what the store keeps of it, once an order."""

from typing import TypeVar

from functions.console.tables import takings
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderMessage, OrderPaid
from shared.spine import entry
from shared.spine.env import Environment

About = TypeVar("About", bound=OrderMessage)


def take(message: Message[About], env: Environment) -> None:
    """One row an order, by its newest message. An order that was never paid in full has none."""
    order = message.data.order
    if not order.settled:
        return
    with env.db.transaction() as transaction:
        takings.keep_taking(transaction, order, message.sequence)


handler = entry.queue(OrderPaid, take)
