"""The SQL of tag changes: rows of `member_tags` that wait to be announced."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from functions.members.tables.columns import FIRST_MOMENT, column_time
from shared.spine.db import Row, Transaction

# Starts behind the last row of the page before, so that rows of a chain that fails do not block other chains. The
# conditions are ranges of the index; no server makes a range of a comparison of rows.
SELECT_WAITING = """
    SELECT STRAIGHT_JOIN t.changed_at, t.member_id, t.tag, m.chain_id
    FROM member_tags t JOIN members m ON m.id = t.member_id
    WHERE t.changed_at <= %(now)s AND (
        t.changed_at > %(changed_at)s
        OR t.changed_at = %(changed_at)s AND t.member_id > %(member_id)s
        OR t.changed_at = %(changed_at)s AND t.member_id = %(member_id)s AND t.tag > %(tag)s)
    ORDER BY t.changed_at, t.member_id, t.tag LIMIT %(limit)s"""
# The lock decides which announcer has a change. A second announcer waits for the commit of the first, and then reads
# the row again. SKIP LOCKED would save it the wait, but TiDB ignores SKIP LOCKED. A claim ends with its transaction
# here, so a token in the row would cost a write and add nothing.
LOCK_CHANGES = """
    SELECT member_id, tag, value, announced, last_sequence FROM member_tags
    WHERE (member_id, tag) IN %s AND changed_at <= %s ORDER BY member_id, tag FOR UPDATE"""
SELECT_NUMBERS = """
    SELECT id, number, merged_into IS NOT NULL OR forgotten_at IS NOT NULL AS gone,
        profiling AND merged_into IS NULL AND forgotten_at IS NULL AS active
    FROM members WHERE id IN %s"""
MARK_ANNOUNCED = """
    INSERT INTO member_tags (member_id, tag, value, since, version, revision, announced, last_sequence)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE value = VALUES(value), announced = VALUES(announced), changed_at = NULL,
        last_sequence = VALUES(last_sequence)"""
DELETE_EMPTY = "DELETE FROM member_tags WHERE member_id IN %s AND value = '' AND announced = ''"


class WaitingChange(NamedTuple):
    """A change that waits, as a position in the order of waiting changes."""

    changed_at: datetime
    member_id: str
    tag: str


class TagChange(NamedTuple):
    """A locked change: the value that was announced last, and the present value. An empty value is no tag.

    `number` is the number of the member in the bitmaps. A member that is `gone` never has tags again.
    """

    member_id: str
    tag: str
    before: str
    after: str
    sequence: int
    number: int
    gone: bool


FIRST_WAITING = WaitingChange(FIRST_MOMENT, "", "")


def read_waiting_changes(
    transaction: Transaction, now: datetime, after: WaitingChange, limit: int
) -> tuple[dict[str, list[WaitingChange]], WaitingChange | None]:
    """(changes by chain, the last position or None after the last page), the oldest change first."""
    rows = transaction.rows(SELECT_WAITING, after._asdict() | {"now": column_time(now), "limit": limit})
    by_chain: dict[str, list[WaitingChange]] = {}
    last = None
    for row in rows:
        last = WaitingChange(row["changed_at"], row["member_id"], row["tag"])
        by_chain.setdefault(row["chain_id"], []).append(last)
    return by_chain, last if len(rows) == limit else None


def lock_changes(transaction: Transaction, now: datetime, waiting: Sequence[WaitingChange]) -> list[TagChange]:
    """Lock the changes that still wait to be announced."""
    keys = tuple((change.member_id, change.tag) for change in waiting)
    rows = transaction.rows(LOCK_CHANGES, (keys, column_time(now))) if keys else []
    if not rows:
        return []
    member_ids = tuple({row["member_id"] for row in rows})
    members = {row["id"]: row for row in transaction.rows(SELECT_NUMBERS, (member_ids,))}
    return [_change(row, members[row["member_id"]]) for row in rows]


def _change(row: Row, member: Row) -> TagChange:
    return TagChange(
        member_id=row["member_id"],
        tag=row["tag"],
        before=row["announced"],
        after=row["value"] if member["active"] else "",
        sequence=row["last_sequence"],
        number=member["number"],
        gone=bool(member["gone"]),
    )


def update_announced(transaction: Transaction, changes: Sequence[TagChange]) -> None:
    """Mark locked changes as announced. Empty tags of members that are gone are deleted."""
    rows = [
        (
            change.member_id, change.tag, change.after, FIRST_MOMENT, 0, 0, change.after,
            change.sequence + (change.before != change.after),
        )
        for change in changes
    ]  # fmt: skip
    transaction.execute_many(MARK_ANNOUNCED, rows)
    if gone_ids := tuple({change.member_id for change in changes if change.gone}):
        transaction.execute(DELETE_EMPTY, (gone_ids,))
