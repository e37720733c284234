"""SQL that takes persons out of `deliveries`."""

import json
from collections.abc import Sequence
from datetime import datetime

from functions.delivery.tables.feedback import erase_complaints
from shared.contracts.ids import member_id
from shared.spine.db import Transaction

SELECT_OF_MEMBERS = """
    SELECT id, store_id AS store FROM deliveries WHERE member_id IN %(members)s AND chain_id = %(chain)s
    ORDER BY id LIMIT %(limit)s"""
SELECT_FORGOTTEN = "SELECT member_id FROM forgotten_members WHERE member_id = %(member)s"
LOCK_LINES = (
    "SELECT id, chain_id AS chain, store_id AS store, item_lines FROM deliveries WHERE id IN %(ids)s FOR UPDATE"
)
ERASE = """
    UPDATE deliveries
    SET member_id = NULL, details = '{}', item_lines = %(lines)s, revision = revision + 1, changed_at = %(now)s,
        proof = JSON_REMOVE(proof, '$.files', '$.failed', '$.cancelled')
    WHERE id = %(id)s"""
ERASE_DETAILS = "UPDATE delivery_actions SET detail = NULL WHERE delivery_id IN %(ids)s AND detail IS NOT NULL"
DELETE_TRACKS = "DELETE FROM delivery_tracks WHERE delivery_id IN %(ids)s"


def read_deliveries_of(transaction: Transaction, chain: str, members: Sequence[str], limit: int) -> dict[str, str]:
    """The store by id of deliveries of these members of the chain, by the chain's own ids of them."""
    ids = tuple(member_id(chain, member) for member in members)
    values = {"members": ids, "chain": chain, "limit": limit}
    return {row["id"]: row["store"] for row in transaction.rows(SELECT_OF_MEMBERS, values)} if ids else {}


def erase_persons(transaction: Transaction, deliveries: Sequence[str], now: datetime) -> None:
    """Erase recipient, payer, card, wishes, notes, texts, tracks, reasons, and the states of photos and signatures."""
    if not deliveries:
        return
    ids = {"ids": tuple(deliveries)}
    rows = transaction.rows(LOCK_LINES, ids)
    erase_complaints(transaction, deliveries)
    transaction.execute(ERASE_DETAILS, ids)
    transaction.execute(DELETE_TRACKS, ids)
    for row in rows:
        lines = [line | {"note": None} for line in json.loads(row["item_lines"])]
        transaction.execute(ERASE, {"id": row["id"], "lines": json.dumps(lines, ensure_ascii=False), "now": now})


def is_forgotten(transaction: Transaction, member: str) -> bool:
    """Whether the member was forgotten, perhaps before a late message of its order came."""
    return transaction.row(SELECT_FORGOTTEN, {"member": member}) is not None
