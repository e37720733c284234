"""order.paid → the takings of the store's business day grow by what was paid, once an order."""

from functions.console import store
from shared import entry
from shared.environment import Environment
from shared.messages import Message
from shared.messages.orders import OrderPaid


def take(message: Message[OrderPaid], house: Environment) -> None:
    """One row an order."""
    order = message.data.order
    with house.db.transaction() as transaction:
        store.add_taking(transaction, order, f"paid/{order.id}", order.paid)


handler = entry.queue(OrderPaid, take)
