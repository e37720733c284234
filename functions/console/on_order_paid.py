"""order.paid → the takings of the store's business day count the order's revenue, once an order."""

from typing import TypeVar

from functions.console.tables.takings import upsert_taking
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderMessage, OrderPaid
from shared.spine import entry
from shared.spine.env import Environment

Data = TypeVar("Data", bound=OrderMessage)


def count_taking(message: Message[Data], env: Environment) -> None:
    """Store one row per order, by its newest message. An order that was never paid in full has no row."""
    order = message.data.order
    if not order.settled:
        return
    with env.db.statements() as statements:
        upsert_taking(statements, order, message.sequence)


handler = entry.queue(OrderPaid, count_taking)
