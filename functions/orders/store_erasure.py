"""The SQL of taking a person out of orders."""

from collections.abc import Sequence
from datetime import datetime

from shared.contracts.ids import member_id
from shared.spine.db import Transaction

# By this index alone: an order that is being placed is waited for, where a walk through the table would pass it over.
LOCK_ORDERS = """
    SELECT id FROM orders FORCE INDEX (by_member) WHERE member_id IN %s AND chain_id = %s LIMIT %s FOR UPDATE"""
ERASE_GUESTS = "UPDATE orders SET member_id = NULL, document = JSON_SET(document, '$.guest', NULL) WHERE id IN %s"
INSERT_ERASED = "INSERT IGNORE INTO erased_orders (order_id, erased_at) VALUES (%s, %s)"
SELECT_FORGOTTEN = "SELECT member_id FROM forgotten_members WHERE member_id = %s"


def lock_orders(transaction: Transaction, chain: str, members: Sequence[str], most: int) -> list[str]:
    """Ids of some orders of a chain's members, by the chain's own ids."""
    rows = transaction.rows(LOCK_ORDERS, (tuple(members), chain, most)) if members else []
    return [row["id"] for row in rows]


def erase_guests(transaction: Transaction, orders: Sequence[str], now: datetime) -> None:
    """Take the person out of locked orders."""
    if orders:
        transaction.execute(ERASE_GUESTS, (tuple(orders),))
        transaction.execute_many(INSERT_ERASED, [(order, now) for order in orders])


def is_forgotten(transaction: Transaction, chain: str, member: str) -> bool:
    """Whether a chain's member was forgotten.

    Asked after the order was inserted. Whoever is forgotten later has orders locked later: that waits for this one.
    """
    return transaction.row(SELECT_FORGOTTEN, (member_id(chain, member),)) is not None
