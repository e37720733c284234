"""SQL of the table `sync_documents` for documents that waited for a person, or for their former revision."""

from collections.abc import Collection
from datetime import datetime

from shared.spine.db import Transaction

# A person has acted. What was sent may be there already, so it is searched for first.
REPLAY = """
    UPDATE sync_documents
    SET state = 'doubtful', cause = NULL, reason = NULL, detail = NULL, next_at = %(now)s
    WHERE system_key = %(system)s AND state = 'parked' AND (%(cause)s IS NULL OR cause = %(cause)s)
        AND (%(reason)s IS NULL OR reason = %(reason)s) AND (%(source_key)s IS NULL OR source_key = %(source_key)s)
    LIMIT %(limit)s"""
# The reason of a document that waits until its former revision is cancelled.
FORMER_REMAINS = "former_remains"
# The former revision is gone. Whether the document is there, too, was never asked.
RELEASE = f"""
    UPDATE sync_documents
    SET state = 'doubtful', cause = NULL, reason = NULL, detail = NULL, next_at = %(now)s
    WHERE system_key = %(system)s AND source_key IN %(keys)s AND goal = 'post'
        AND reason = '{FORMER_REMAINS}' AND state IN ('parked', 'pending', 'doubtful')"""  # noqa: S608 - of a constant
# A person has cancelled it in the outside system, which our calls cannot.
CANCELLED_THERE = """
    UPDATE sync_documents
    SET state = 'done', cause = NULL, reason = NULL, detail = NULL, done_at = %(now)s
    WHERE system_key = %(system)s AND source_key = %(source_key)s AND goal = 'cancel' AND state = 'parked'"""


def update_replayed(
    transaction: Transaction,
    system: str,
    now: datetime,
    limit: int,
    *,
    cause: str | None = None,
    reason: str | None = None,
    source_key: str | None = None,
) -> int:
    """Parked documents are due again. Returns their number."""
    values = {"system": system, "now": now, "limit": limit, "cause": cause, "reason": reason, "source_key": source_key}
    return transaction.execute(REPLAY, values)


def update_released(transaction: Transaction, system: str, keys: Collection[str], now: datetime) -> None:
    """Documents with these source keys, that waited for their former revision, are due."""
    if keys:
        transaction.execute(RELEASE, {"system": system, "keys": tuple(keys), "now": now})


def update_cancelled_there(transaction: Transaction, system: str, source_key: str, now: datetime) -> int:
    """A person did a parked cancellation, and what waited for it is due. Returns the number of cancellations."""
    values = {"system": system, "source_key": source_key, "now": now}
    cancelled = transaction.execute(CANCELLED_THERE, values)
    if cancelled:
        update_released(transaction, system, {source_key}, now)
    return cancelled
