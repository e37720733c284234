"""SQL of the table `takings`: one row per order."""

from datetime import date

from shared.contracts.messages.orders import Order
from shared.spine.db import Row, Transaction

# A message older than the row's changes nothing, in any order and number of deliveries. The amount is set first, while
# `sequence` is still that of the row.
UPSERT_TAKING = """
    INSERT INTO takings (store_id, business_day, entry, chain_id, currency, amount, sequence)
    VALUES (%(store)s, %(day)s, %(entry)s, %(chain)s, %(currency)s, %(amount)s, %(sequence)s)
    ON DUPLICATE KEY UPDATE amount = IF(VALUES(sequence) >= takings.sequence, VALUES(amount), takings.amount),
        sequence = GREATEST(takings.sequence, VALUES(sequence))"""
SELECT_TAKINGS = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store, business_day, currency,
        SUM(entry LIKE 'paid/%%') AS orders, SUM(amount) AS revenue
    FROM takings WHERE chain_id = %(chain)s AND business_day BETWEEN %(oldest)s AND %(newest)s
    GROUP BY business_day, store_id, currency ORDER BY business_day DESC, store_id"""
SELECT_NEWEST_DAY = """
    SELECT MAX(business_day) AS day FROM takings WHERE chain_id = %(chain)s AND business_day <= %(newest)s"""


def upsert_taking(transaction: Transaction, order: Order, sequence: int) -> None:
    """Store the revenue of the order in its business day. `sequence` is the number of the order's message."""
    values = {
        "store": order.store_key,
        "day": order.business_day,
        "entry": f"paid/{order.id}",
        "chain": order.chain,
        "currency": order.currency,
        "amount": order.revenue,
        "sequence": sequence,
    }
    transaction.execute(UPSERT_TAKING, values)


def read_takings(transaction: Transaction, chain: str, oldest: date, newest: date) -> list[Row]:
    """store, business_day, currency, orders and revenue (minor units), newest day first."""
    return transaction.rows(SELECT_TAKINGS, {"chain": chain, "oldest": oldest, "newest": newest})


def read_newest_day(transaction: Transaction, chain: str, newest: date) -> date | None:
    """The newest business day with takings, at most `newest`."""
    row = transaction.row(SELECT_NEWEST_DAY, {"chain": chain, "newest": newest})
    return row["day"] if row else None
