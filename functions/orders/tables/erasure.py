"""SQL that erases a person from orders."""

from collections.abc import Sequence
from datetime import datetime

from shared.contracts.ids import member_id
from shared.spine.db import Transaction

# By this index alone: so the statement waits for an order that is being inserted. A table scan would miss that order.
LOCK_ORDERS_OF_MEMBERS = """
    SELECT id FROM orders FORCE INDEX (by_member) WHERE member_id IN %(members)s AND chain_id = %(chain)s
    LIMIT %(most)s FOR UPDATE"""
ERASE_GUESTS = """
    UPDATE orders SET member_id = NULL, phone_ending = NULL, document = JSON_SET(document, '$.guest', NULL),
        bill = JSON_SET(bill, '$.guest', NULL)
    WHERE id IN %(orders)s"""
# The reply to a split has the order within.
GUEST_IN_REPLIES = {"$.guest": None, "$.order.guest": None}
INSERT_ERASED_ORDERS = "INSERT IGNORE INTO erased_orders (order_id, erased_at) VALUES (%(order)s, %(now)s)"
SELECT_FORGOTTEN_MEMBER = "SELECT member_id FROM forgotten_members WHERE member_id = %(member)s"


def lock_orders_of_members(transaction: Transaction, chain: str, members: Sequence[str], most: int) -> list[str]:
    """Ids of at most `most` orders of a chain's members, by the chain's own member ids."""
    values = {"members": tuple(members), "chain": chain, "most": most}
    rows = transaction.rows(LOCK_ORDERS_OF_MEMBERS, values) if members else []
    return [row["id"] for row in rows]


def erase_guests(transaction: Transaction, orders: Sequence[str], now: datetime) -> None:
    """Erase the guest of locked orders."""
    if orders:
        transaction.execute(ERASE_GUESTS, {"orders": tuple(orders)})
        transaction.execute_many(INSERT_ERASED_ORDERS, [{"order": order, "now": now} for order in orders])


def is_forgotten(transaction: Transaction, chain: str, member: str) -> bool:
    """Whether a chain's member was forgotten. To be asked after the order is inserted.

    A member who is forgotten later has orders locked later: that lock waits for this order.
    """
    return transaction.row(SELECT_FORGOTTEN_MEMBER, {"member": member_id(chain, member)}) is not None
