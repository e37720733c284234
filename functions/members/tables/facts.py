"""The SQL of facts, as rows from which tags are computed. Only active members have facts here.

A member that was merged, was forgotten or refused profiling is not active.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from functions.members.facts.totals import PARTS, Facts, StoredFacts
from functions.members.tables.tags import NO_TAG, StoredTag
from shared.spine.db import Row, Transaction

SELECT_FACTS = "SELECT member_id, revision, days, habits, categories, items FROM member_facts WHERE member_id IN %s"
UPSERT_FACTS = """
    INSERT INTO member_facts (member_id, revision, days, habits, favourites, categories, items)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE revision = VALUES(revision), days = VALUES(days), habits = VALUES(habits),
        favourites = VALUES(favourites), categories = VALUES(categories), items = VALUES(items)"""
DELETE_FACTS = "DELETE FROM member_facts WHERE member_id = %s"
# The parts are names of columns, never input.
SELECT_WITH_TAG = """
    SELECT m.id, m.chain_id, f.revision, {parts}, t.value, t.version, CAST(t.expires_at AS CHAR) AS expires_at
    FROM members m
    JOIN member_facts f ON f.member_id = m.id
    LEFT JOIN member_tags t ON t.member_id = m.id AND t.tag = %s
    WHERE m.id IN %s AND m.profiling AND m.merged_into IS NULL AND m.forgotten_at IS NULL"""
SELECT_AFTER = """
    SELECT m.id, m.chain_id, f.revision, {parts}
    FROM members m JOIN member_facts f ON f.member_id = m.id
    WHERE m.id > %s AND m.chain_id = %s AND m.profiling AND m.merged_into IS NULL AND m.forgotten_at IS NULL
    ORDER BY m.id LIMIT %s"""
SELECT_OF_MEMBER = """
    SELECT m.id, m.chain_id, f.revision, f.days, f.habits, f.favourites, f.categories, f.items
    FROM members m JOIN member_facts f ON f.member_id = m.id
    WHERE m.id = %s AND m.profiling AND m.merged_into IS NULL AND m.forgotten_at IS NULL"""


class MemberFacts(NamedTuple):
    """The facts of an active member, with the revision that a tag is computed from.

    `facts` has only the parts that were read. `tag` is the stored tag, or `NO_TAG` if none was read.
    """

    member_id: str
    chain: str
    revision: int
    facts: Facts
    tag: StoredTag = NO_TAG


def read_facts(transaction: Transaction, member_ids: Sequence[str]) -> dict[str, StoredFacts]:
    """Facts by member, to count into. A member without a purchase has none."""
    if not member_ids:
        return {}
    rows = transaction.rows(SELECT_FACTS, (tuple(member_ids),))
    return {row["member_id"]: StoredFacts(row["revision"], Facts(row)) for row in rows}


def upsert_facts(transaction: Transaction, facts_by_member: Iterable[tuple[str, StoredFacts]]) -> None:
    """Write facts, locked in the order of the iterable."""
    rows = [
        (member_id, stored.revision, *map(stored.facts.written().__getitem__, PARTS))
        for member_id, stored in facts_by_member
    ]
    if rows:
        transaction.execute_many(UPSERT_FACTS, rows)


def delete_facts(transaction: Transaction, member_id: str) -> None:
    """Delete the facts of a member."""
    transaction.execute(DELETE_FACTS, (member_id,))


def read_facts_with_tag(
    transaction: Transaction, tag: str, parts: Iterable[str], member_ids: Sequence[str]
) -> list[MemberFacts]:
    """Parts of the facts of each active member, with the stored tag."""
    if not member_ids:
        return []
    rows = transaction.rows(SELECT_WITH_TAG.format(parts=_columns(parts)), (tag, tuple(member_ids)))
    return [_member_facts(row, StoredTag(row["value"], row["version"], row["expires_at"])) for row in rows]


def read_facts_after(
    transaction: Transaction, chain: str, parts: Iterable[str], after: str, limit: int
) -> list[MemberFacts]:
    """Parts of the facts of a chain's active members, sorted by id, from behind `after`."""
    rows = transaction.rows(SELECT_AFTER.format(parts=_columns(parts)), (after, chain, limit))
    return [_member_facts(row) for row in rows]


def read_facts_of_member(transaction: Transaction, member_id: str) -> MemberFacts | None:
    """All facts of a member, or None if it is not active or has bought nothing."""
    row = transaction.row(SELECT_OF_MEMBER, (member_id,))
    return _member_facts(row) if row else None


def _member_facts(row: Row, tag: StoredTag = NO_TAG) -> MemberFacts:
    return MemberFacts(row["id"], row["chain_id"], row["revision"], Facts(row), tag)


def _columns(parts: Iterable[str]) -> str:
    return ", ".join(f"f.{part}" for part in sorted(set(parts)))
