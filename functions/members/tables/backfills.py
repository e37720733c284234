"""The SQL of backfills."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.members.states import BackfillStatus
from functions.members.tables.columns import aware, column_time
from shared.spine.db import Row, Transaction

INSERT_BACKFILL = """
    INSERT INTO tag_backfills (id, chain_id, tags, status, starts_at, last_member, visited, changed)
    VALUES (%s, %s, %s, 'running', %s, '', 0, 0)"""
_BACKFILL = "SELECT id, chain_id, tags, status, starts_at, last_member, visited, changed, ended_at FROM tag_backfills"
SELECT_NEXT = """
    SELECT id FROM tag_backfills WHERE status = 'running' AND starts_at <= %s AND id NOT IN %s
    ORDER BY starts_at, id LIMIT 1"""
LOCK_BACKFILL = f"{_BACKFILL} WHERE id = %s FOR UPDATE"
SELECT_NEWEST = f"{_BACKFILL} WHERE chain_id = %s ORDER BY id DESC LIMIT 100"
UPDATE_PROGRESS = """
    UPDATE tag_backfills SET last_member = %s, visited = visited + %s, changed = changed + %s, ended_at = %s,
        status = IF(ended_at IS NULL, status, 'ended')
    WHERE id = %s"""
REPLACE_WAITING = """
    UPDATE tag_backfills SET status = 'replaced', ended_at = %s
    WHERE status = 'running' AND starts_at > %s AND chain_id = %s AND tags = %s"""
UPDATE_STATUS = "UPDATE tag_backfills SET status = %s WHERE id = %s"


@dataclass(frozen=True)
class Backfill:
    """A backfill. It has visited `visited` members in the order of their ids, and has written `changed` tags."""

    id: str
    chain: str
    tags: Sequence[str]
    status: BackfillStatus
    starts_at: datetime
    last_member: str
    visited: int
    changed: int
    ended_at: datetime | None


def insert_backfill(
    transaction: Transaction, backfill_id: str, chain: str, tags: Collection[str], starts_at: datetime
) -> None:
    """Insert a backfill that runs from `starts_at` on."""
    transaction.execute(INSERT_BACKFILL, (backfill_id, chain, _text(tags), column_time(starts_at)))


def replace_waiting_backfills(transaction: Transaction, chain: str, tags: Collection[str], now: datetime) -> None:
    """End the backfills of the same tags whose start has not come."""
    transaction.execute(REPLACE_WAITING, (column_time(now), column_time(now), chain, _text(tags)))


def read_next_backfill(transaction: Transaction, now: datetime, without: Collection[str]) -> str | None:
    """The id of the oldest backfill that is due and is not in `without`."""
    row = transaction.row(SELECT_NEXT, (column_time(now), ("", *without)))
    return row["id"] if row else None


def lock_backfill(transaction: Transaction, backfill_id: str) -> Backfill | None:
    """The backfill, locked."""
    row = transaction.row(LOCK_BACKFILL, (backfill_id,))
    return _backfill(row) if row else None


def read_newest_backfills(transaction: Transaction, chain: str) -> list[Backfill]:
    """The last hundred backfills of a chain, the newest first."""
    return [_backfill(row) for row in transaction.rows(SELECT_NEWEST, (chain,))]


def update_progress(
    transaction: Transaction,
    backfill_id: str,
    *,
    last_member: str,
    visited: int,
    changed: int,
    ended_at: datetime | None,
) -> None:
    """Add the counts of a step. A backfill with `ended_at` has ended."""
    ended = column_time(ended_at) if ended_at else None
    transaction.execute(UPDATE_PROGRESS, (last_member, visited, changed, ended, backfill_id))


def update_status(transaction: Transaction, backfill_id: str, status: BackfillStatus) -> None:
    """Set the status of a locked backfill."""
    transaction.execute(UPDATE_STATUS, (status.value, backfill_id))


def _text(tags: Collection[str]) -> str:
    return " ".join(sorted(tags))


def _backfill(row: Row) -> Backfill:
    return Backfill(
        id=row["id"],
        chain=row["chain_id"],
        tags=row["tags"].split(),
        status=BackfillStatus(row["status"]),
        starts_at=aware(row["starts_at"]),
        last_member=row["last_member"],
        visited=row["visited"],
        changed=row["changed"],
        ended_at=aware(row["ended_at"]) if row["ended_at"] else None,
    )
