"""All the SQL of the console."""

from datetime import date

from shared.contracts.messages.orders import Order
from shared.spine.db import Row, Transaction

# An older message than the one that the row is by changes nothing, however often and in whatever order messages come.
# The amount is set first: `sequence` is still the row's there.
KEEP_TAKING = """
    INSERT INTO takings (store_id, business_day, entry, chain_id, currency, amount, sequence)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE amount = IF(VALUES(sequence) >= takings.sequence, VALUES(amount), takings.amount),
        sequence = GREATEST(takings.sequence, VALUES(sequence))"""
SELECT_TAKINGS = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store, business_day, currency,
        SUM(entry LIKE 'paid/%%') AS orders, SUM(amount) AS revenue
    FROM takings WHERE chain_id = %s AND business_day BETWEEN %s AND %s
    GROUP BY business_day, store_id, currency ORDER BY business_day DESC, store_id"""
LATEST_DAY = "SELECT MAX(business_day) AS day FROM takings WHERE chain_id = %s AND business_day <= %s"


def keep_taking(transaction: Transaction, order: Order, sequence: int) -> None:
    """What the store keeps of the order, into its business day; `sequence` is of the message that says so."""
    entry = f"paid/{order.id}"
    values = (order.store_key, order.business_day, entry, order.chain, order.currency, order.revenue, sequence)
    transaction.execute(KEEP_TAKING, values)


def takings(transaction: Transaction, chain: str, first: date, last: date) -> list[Row]:
    """store, business_day, currency, orders and revenue (minor units), newest day first."""
    return transaction.rows(SELECT_TAKINGS, (chain, first, last))


def latest_day(transaction: Transaction, chain: str, last: date) -> date | None:
    """The newest business day on which anything was taken, `last` or before it."""
    found = transaction.row(LATEST_DAY, (chain, last))
    return found["day"] if found else None
