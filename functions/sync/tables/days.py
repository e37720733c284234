"""SQL of the table `sync_days`: business days of stores that a flow must look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from shared.spine.db import Transaction

UPSERT_DAYS = """
    INSERT INTO sync_days (system_key, flow, store_id, day, is_backfill, due_at, marks)
    VALUES (%(system)s, %(flow)s, %(store)s, %(day)s, %(is_backfill)s, %(due_at)s, 1)
    ON DUPLICATE KEY UPDATE marks = marks + 1, is_backfill = LEAST(is_backfill, VALUES(is_backfill)),
        due_at = LEAST(due_at, VALUES(due_at))"""
SELECT_DUE = """
    SELECT store_id, day, marks FROM sync_days
    WHERE system_key = %(system)s AND flow = %(flow)s AND is_backfill = %(is_backfill)s AND due_at <= %(now)s
    ORDER BY due_at, store_id, day LIMIT 1"""
# A day that was marked again while it was looked at stays.
DELETE_DAY = """
    DELETE FROM sync_days
    WHERE system_key = %(system)s AND flow = %(flow)s AND store_id = %(store)s AND day = %(day)s
        AND marks = %(marks)s"""


@dataclass(frozen=True)
class DueDay:
    """A business day of a store (by its key). `marks` counts how often it was marked.

    `is_backfill`: a person asked for it, and nothing else did.
    """

    store: str
    day: date
    marks: int = 0
    is_backfill: bool = False


def upsert_days(transaction: Transaction, system: str, flow: str, days: Iterable[tuple[DueDay, datetime]]) -> None:
    """Mark days, each with the time from which on it is looked at."""
    rows = [
        {
            "system": system,
            "flow": flow,
            "store": due.store,
            "day": due.day,
            "is_backfill": due.is_backfill,
            "due_at": due_at,
        }
        for due, due_at in days
    ]
    if rows:
        transaction.execute_many(UPSERT_DAYS, rows)


def read_due_day(transaction: Transaction, system: str, flow: str, now: datetime) -> DueDay | None:
    """The day that is due for the longest time. Days of a backfill come after all others."""
    for is_backfill in (False, True):
        values = {"system": system, "flow": flow, "now": now, "is_backfill": is_backfill}
        row = transaction.row(SELECT_DUE, values)
        if row:
            return DueDay(row["store_id"], row["day"], row["marks"], is_backfill)
    return None


def delete_day(transaction: Transaction, system: str, flow: str, due: DueDay) -> None:
    """The day was looked at."""
    values = {"system": system, "flow": flow, "store": due.store, "day": due.day, "marks": due.marks}
    transaction.execute(DELETE_DAY, values)
