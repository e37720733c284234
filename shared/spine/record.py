"""The record of messages, for readers: the stored messages of a subject, and the text of single messages."""

from collections.abc import Collection
from datetime import datetime

from shared.contracts.ids import first_id
from shared.spine.db import Row, Transaction

# The bound of ids leaves the partitions of other months alone.
MESSAGES_OF_SUBJECTS = """
    SELECT id, subject, sequence, type, store_id, occurred_at, body FROM messages
    WHERE subject IN %(subjects)s AND id >= %(since)s ORDER BY subject, sequence"""
BODIES = "SELECT id, body FROM messages WHERE id IN %(ids)s"


def read_messages(transaction: Transaction, subjects: Collection[str], since: datetime) -> list[Row]:
    """The messages of these subjects since a moment, each subject in its order; `body` is CloudEvents JSON."""
    if not subjects:
        return []
    return transaction.rows(MESSAGES_OF_SUBJECTS, {"subjects": tuple(subjects), "since": first_id(since)})


def read_bodies(transaction: Transaction, ids: Collection[str]) -> dict[str, str]:
    """The CloudEvents JSON of messages by id; archived ones are missing."""
    if not ids:
        return {}
    return {row["id"]: row["body"] for row in transaction.rows(BODIES, {"ids": tuple(ids)})}
