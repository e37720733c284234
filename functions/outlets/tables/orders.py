"""SQL of the view `order_records` that `orders` publishes: the order that a delivery brings."""

from shared.contracts.messages.orders import Order
from shared.contracts.order_record import order_of_texts
from shared.spine.db import Transaction

SELECT_ORDER = "SELECT document, bill FROM order_records WHERE order_id = %(order)s AND chain_id = %(chain)s"


def read_order(transaction: Transaction, chain: str, order: str) -> Order | None:
    """The order as its guest knows it: as it was placed, with the changes of its bill."""
    row = transaction.row(SELECT_ORDER, {"order": order, "chain": chain})
    return order_of_texts(row["document"], row["bill"]) if row else None
