"""order.refunded → the takings of the order's business day shrink by what went back, once a refund."""

from functions.console import store
from shared import entry
from shared.environment import Environment
from shared.messages import Message
from shared.messages.orders import OrderRefunded


def give_back(message: Message[OrderRefunded], house: Environment) -> None:
    """One row a refund. What came back of an order that was never paid in full was never among the takings."""
    order, refund = message.data.order, message.data.refund
    if order.paid < order.total:
        return
    with house.db.transaction() as transaction:
        store.add_taking(transaction, order, f"refund/{order.id}/{refund.reference}", -refund.amount)


handler = entry.queue(OrderRefunded, give_back)
