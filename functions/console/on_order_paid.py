"""order.paid → the takings of the store's business day count the order's revenue, once an order. Pages hear of it."""

from collections.abc import Sequence
from typing import TypeVar

from functions.console.live.push import push_messages
from functions.console.tables.takings import upsert_taking
from shared.contracts.messages import Message
from shared.contracts.messages.orders import OrderMessage, OrderPaid
from shared.spine import entry
from shared.spine.env import Environment

Data = TypeVar("Data", bound=OrderMessage)


def count_takings(messages: Sequence[Message[Data]], env: Environment) -> None:
    """Store one row per order, by its newest message. An order that was never paid in full has no row."""
    settled = [message for message in messages if message.data.order.settled]
    with env.db.statements() as statements:
        for message in settled:
            upsert_taking(statements, message.data.order, message.sequence)
    push_messages(messages, env)


handler = entry.batch(OrderPaid, count_takings)
