"""All the SQL of the console."""

from datetime import date

from shared.db import Row, Transaction
from shared.messages.orders import Order

# A payment or refund that is known already changes nothing, however often and in whatever order messages come.
ADD_TAKING = """
    INSERT INTO takings (store_id, business_day, entry, chain_id, currency, amount) VALUES (%s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE amount = takings.amount"""
SELECT_TAKINGS = """
    SELECT store_id AS store, business_day, currency, SUM(entry LIKE 'paid/%%') AS orders, SUM(amount) AS revenue
    FROM takings WHERE chain_id = %s AND business_day BETWEEN %s AND %s
    GROUP BY business_day, store_id, currency ORDER BY business_day DESC, store_id"""
LATEST_DAY = "SELECT MAX(business_day) AS day FROM takings WHERE chain_id = %s"


def add_taking(transaction: Transaction, order: Order, entry: str, amount: int) -> None:
    """`amount` into (or, negative, out of) the order's store and business day; `entry` makes it the same again."""
    values = (order.store, order.business_day, entry, order.chain, order.currency, amount)
    transaction.execute(ADD_TAKING, values)


def takings(transaction: Transaction, chain: str, first: date, last: date) -> list[Row]:
    """store, business_day, currency, orders and revenue (minor units), newest day first."""
    return transaction.rows(SELECT_TAKINGS, (chain, first, last))


def latest_day(transaction: Transaction, chain: str) -> date | None:
    """The newest business day on which anything was taken."""
    found = transaction.row(LATEST_DAY, (chain,))
    return found["day"] if found else None
