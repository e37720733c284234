"""SQL that takes persons out of `deliveries`."""

from collections.abc import Sequence
from datetime import datetime

from shared.contracts.ids import member_id
from shared.spine.db import Transaction

SELECT_OF_MEMBERS = """
    SELECT id FROM deliveries WHERE member_id IN %(members)s AND chain_id = %(chain)s
    ORDER BY id LIMIT %(limit)s"""
SELECT_FORGOTTEN = "SELECT member_id FROM forgotten_members WHERE member_id = %(member)s"
ERASE = """
    UPDATE deliveries
    SET member_id = NULL, details = '{}', proof = JSON_REMOVE(proof, '$.files'), revision = revision + 1,
        changed_at = %(now)s
    WHERE id IN %(ids)s"""


def read_deliveries_of(transaction: Transaction, chain: str, members: Sequence[str], limit: int) -> list[str]:
    """Ids of deliveries of these members of the chain, by the chain's own ids of them."""
    ids = tuple(member_id(chain, member) for member in members)
    values = {"members": ids, "chain": chain, "limit": limit}
    return [row["id"] for row in transaction.rows(SELECT_OF_MEMBERS, values)] if ids else []


def erase_persons(transaction: Transaction, deliveries: Sequence[str], now: datetime) -> None:
    """Erase recipient, payer, card and wishes, and the states of photos and signatures."""
    if deliveries:
        transaction.execute(ERASE, {"ids": tuple(deliveries), "now": now})


def is_forgotten(transaction: Transaction, member: str) -> bool:
    """Whether the member was forgotten, perhaps before a late message of its order came."""
    return transaction.row(SELECT_FORGOTTEN, {"member": member}) is not None
