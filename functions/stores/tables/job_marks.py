"""SQL of the table `store_job_marks`: the last message of a job that a store has taken."""

from shared.spine.db import Transaction

SELECT_MARK = "SELECT sequence FROM store_job_marks WHERE store_id = %(store)s AND job_id = %(job)s"
UPSERT_MARK = """
    INSERT INTO store_job_marks (store_id, job_id, sequence) VALUES (%(store)s, %(job)s, %(sequence)s)
    ON DUPLICATE KEY UPDATE sequence = VALUES(sequence)"""


def is_newer(transaction: Transaction, store: str, job: str, sequence: int) -> bool:
    """Whether the store has taken no message of the job with this number or a higher one. The store is locked."""
    row = transaction.row(SELECT_MARK, {"store": store, "job": job})
    return row is None or row["sequence"] < sequence


def upsert_mark(transaction: Transaction, store: str, job: str, sequence: int) -> None:
    """The store has taken this message of the job."""
    transaction.execute(UPSERT_MARK, {"store": store, "job": job, "sequence": sequence})
