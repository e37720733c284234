"""SQL that reads the goods of deliveries, of the view that `delivery` publishes."""

from shared.spine.db import Transaction

SELECT_GOODS = "SELECT goods FROM delivery_goods WHERE order_id = %(order)s"


def read_goods(transaction: Transaction, order_id: str) -> str | None:
    """The state of the goods of an order's delivery."""
    row = transaction.row(SELECT_GOODS, {"order": order_id})
    return str(row["goods"]) if row else None
