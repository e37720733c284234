"""The epoch: a number in the database that grows with each failover to another region (a fencing token).

Each reply and each print link's `welcome` carries it. A client refuses a region with a lower epoch than it has seen.
"""

from datetime import datetime

from shared.spine.db import Transaction

# For a SELECT list: another statement's round trip brings the epoch too.
PRESENT_EPOCH = "(SELECT COALESCE(MAX(e.epoch), 0) FROM epochs e)"
SELECT_EPOCH = f"SELECT {PRESENT_EPOCH} AS epoch"
INSERT_EPOCH = """
    INSERT INTO epochs (epoch, promoted_at) SELECT COALESCE(MAX(e.epoch), 0) + 1, %(now)s FROM epochs e"""


def read_epoch(transaction: Transaction) -> int:
    """The present epoch; 0 before the first failover."""
    row = transaction.row(SELECT_EPOCH)
    assert row is not None  # a SELECT without a table has one row
    return int(row["epoch"])


def advance_epoch(transaction: Transaction, now: datetime) -> int:
    """Begin the next epoch, as the last step of promoting this database. Returns the new epoch."""
    transaction.execute(INSERT_EPOCH, {"now": now})
    return read_epoch(transaction)
