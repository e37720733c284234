"""All SQL of what waits to be announced, and of the bitmaps that it is drawn into."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from functions.members.segments.bitmaps import pack, unpack
from functions.members.store import plain
from shared.spine.db import Row, Transaction

# After the last row that was looked at: those of a chain that fails stay where they are, and bar no other's. As ranges
# of the index; of a comparison of rows no server makes one.
SELECT_WAITING = """
    SELECT STRAIGHT_JOIN t.changed_at, t.member_id, t.tag, m.chain_id
    FROM member_tags t JOIN members m ON m.id = t.member_id
    WHERE t.changed_at <= %(now)s AND (
        t.changed_at > %(changed_at)s
        OR t.changed_at = %(changed_at)s AND t.member_id > %(member)s
        OR t.changed_at = %(changed_at)s AND t.member_id = %(member)s AND t.tag > %(tag)s)
    ORDER BY t.changed_at, t.member_id, t.tag LIMIT %(most)s"""
CLAIM_CHANGES = """
    SELECT member_id, tag, value, announced, last_sequence FROM member_tags
    WHERE (member_id, tag) IN %s AND changed_at <= %s ORDER BY member_id, tag FOR UPDATE SKIP LOCKED"""
SELECT_NUMBERS = """
    SELECT id, number, merged_into IS NOT NULL OR forgotten_at IS NOT NULL AS gone,
        profiling AND merged_into IS NULL AND forgotten_at IS NULL AS active
    FROM members WHERE id IN %s"""
MARK_ANNOUNCED = """
    INSERT INTO member_tags (member_id, tag, value, since, version, revision, announced, last_sequence)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE value = VALUES(value), announced = VALUES(announced), changed_at = NULL,
        last_sequence = VALUES(last_sequence)"""
DROP_TAGS = "DELETE FROM member_tags WHERE member_id IN %s AND value = '' AND announced = ''"
LOCK_BITMAPS = """
    SELECT tag, value, chunk, members FROM tag_bitmaps
    WHERE chain_id = %s AND tag IN %s AND value IN %s AND chunk IN %s FOR UPDATE"""
UPSERT_BITMAPS = """
    INSERT INTO tag_bitmaps (chain_id, tag, value, chunk, members) VALUES (%s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE members = VALUES(members)"""

BitmapKey = tuple[str, str, int]  # tag, value, chunk


class Waiting(NamedTuple):
    """A tag whose change is to be announced, as a place in the order in which they are."""

    changed_at: datetime
    member: str
    tag: str


class Change(NamedTuple):
    """A tag as it was announced and is now; an empty value is none. `gone` members never have tags again."""

    member: str
    tag: str
    before: str
    after: str
    sequence: int
    number: int
    gone: bool


NO_TIME = datetime(1970, 1, 1)  # noqa: DTZ001 - columns hold UTC without a zone
FIRST = Waiting(NO_TIME, "", "")  # before any that waits


def read_waiting(
    transaction: Transaction, now: datetime, after: Waiting, most: int
) -> tuple[dict[str, list[Waiting]], Waiting | None]:
    """(changes by chain, the last of them or None where there were fewer than `most`), the oldest first."""
    rows = transaction.rows(SELECT_WAITING, after._asdict() | {"now": plain(now), "most": most})
    by_chain: dict[str, list[Waiting]] = {}
    waiting = None
    for row in rows:
        waiting = Waiting(row["changed_at"], row["member_id"], row["tag"])
        by_chain.setdefault(row["chain_id"], []).append(waiting)
    return by_chain, waiting if len(rows) == most else None


def claim_changes(transaction: Transaction, now: datetime, waiting: Sequence[Waiting]) -> list[Change]:
    """Those of them that still are to be announced, locked; of a member who has no tags any more, with no value."""
    keys = tuple((change.member, change.tag) for change in waiting)
    rows = transaction.rows(CLAIM_CHANGES, (keys, plain(now))) if keys else []
    if not rows:
        return []
    ids = tuple({row["member_id"] for row in rows})
    members = {row["id"]: row for row in transaction.rows(SELECT_NUMBERS, (ids,))}
    return [_change(row, members[row["member_id"]]) for row in rows]


def _change(row: Row, member: Row) -> Change:
    after = row["value"] if member["active"] else ""
    about = (row["member_id"], row["tag"], row["announced"], after, row["last_sequence"])
    return Change(*about, member["number"], bool(member["gone"]))


def mark_announced(transaction: Transaction, changes: Sequence[Change]) -> None:
    """The rows are those that are locked, so that nothing of them is made anew here."""
    rows = [
        (each.member, each.tag, each.after, NO_TIME, 0, 0, each.after, each.sequence + (each.before != each.after))
        for each in changes
    ]
    transaction.execute_many(MARK_ANNOUNCED, rows)
    if gone := tuple({each.member for each in changes if each.gone}):
        transaction.execute(DROP_TAGS, (gone,))


def lock_bitmaps(transaction: Transaction, chain: str, keys: Sequence[BitmapKey]) -> dict[BitmapKey, int]:
    """Those that there are."""
    if not keys:
        return {}
    tags, values, chunks = (tuple({key[part] for key in keys}) for part in range(3))
    rows = transaction.rows(LOCK_BITMAPS, (chain, tags, values, chunks))
    return {(row["tag"], row["value"], row["chunk"]): unpack(row["members"]) for row in rows}


def write_bitmaps(transaction: Transaction, chain: str, bitmaps: Mapping[BitmapKey, int]) -> None:
    """All in one statement."""
    if bitmaps:
        transaction.execute_many(UPSERT_BITMAPS, [(chain, *key, pack(bitmap)) for key, bitmap in bitmaps.items()])
