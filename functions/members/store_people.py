"""All SQL of members as persons: who they are, merging, forgetting, and finding those of a segment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.members.segments.bitmaps import unpack
from functions.members.store import plain
from functions.members.store_changes import BitmapKey
from shared.spine.db import Row, Transaction

SELECT_MEMBER = """
    SELECT id, chain_id, number, external_id, profiling, marketing, merged_into, forgotten_at, enrolled_at,
        COALESCE(first_store, (SELECT store_id FROM member_purchases WHERE member_id = members.id
            ORDER BY order_id LIMIT 1)) AS first_store
    FROM members WHERE id = %s"""
UPDATE_MEMBER = (
    "UPDATE members SET profiling = %s, marketing = %s, first_store = COALESCE(%s, first_store) WHERE id = %s"
)
SELECT_IDENTITIES = "SELECT kind, lookup, encrypted FROM member_identities WHERE member_id = %s"
INSERT_LOOKUP = "INSERT INTO member_lookups (lookup, member_id) VALUES (%s, %s)"
INSERT_IDENTITY = "INSERT INTO member_identities (member_id, kind, lookup, encrypted) VALUES (%s, %s, %s, %s)"
SELECT_LOOKUPS = "SELECT lookup, member_id FROM member_lookups WHERE lookup IN %s"
DELETE_IDENTITIES = "DELETE FROM member_identities WHERE member_id = %s AND kind = %s"
DELETE_LOOKUPS = "DELETE FROM member_lookups WHERE lookup IN %s AND member_id = %s"
SELECT_TAGS = """
    SELECT tag, value, since, version, moves_at FROM member_tags WHERE member_id = %s AND value <> '' ORDER BY tag"""
NEXT_SEQUENCE = "UPDATE members SET last_sequence = LAST_INSERT_ID(last_sequence + 1) WHERE id = %s"

# Merging. Whoever was merged into the one is merged into the other, so that a pointer is always one step.
POINT = "UPDATE members SET merged_into = %s WHERE id = %s OR merged_into = %s"
MOVE_PURCHASES = "UPDATE member_purchases SET member_id = %s WHERE member_id = %s"
MOVE_IDENTITIES = "UPDATE member_identities SET member_id = %s WHERE member_id = %s"
MOVE_LOOKUPS = "UPDATE member_lookups SET member_id = %s WHERE member_id = %s"
DELETE_FACTS = "DELETE FROM member_facts WHERE member_id = %s"

SELECT_EXTERNAL_IDS = """
    SELECT external_id FROM members WHERE (id = %s OR merged_into = %s) AND external_id IS NOT NULL
    ORDER BY external_id"""
IN_ORDERS = "SELECT 1 FROM order_members WHERE member_id = %s AND chain_id = %s LIMIT 1"
# Forgetting. What was bought stays, order by order, as nobody's.
KEEP_PURCHASES = """
    INSERT INTO forgotten_purchases (order_id, chain_id, store_id, business_day, currency, purchases, amount)
    SELECT order_id, %s, store_id, business_day, currency, 1,
        LEAST(GREATEST(taken, total) - refunded, total)
    FROM member_purchases WHERE member_id = %s AND paid AND GREATEST(taken, total) > refunded"""
DELETE_PURCHASES = "DELETE FROM member_purchases WHERE member_id = %s"
DELETE_ALL_IDENTITIES = "DELETE FROM member_identities WHERE member_id = %s"
DELETE_ALL_LOOKUPS = "DELETE FROM member_lookups WHERE member_id = %s"
MARK_FORGOTTEN = """
    UPDATE members SET forgotten_at = %s, external_id = NULL, first_store = NULL, profiling = FALSE, marketing = FALSE
    WHERE id = %s OR merged_into = %s"""

# Segments.
SELECT_BITMAPS = "SELECT tag, value, chunk, members FROM tag_bitmaps WHERE chain_id = %s AND tag IN %s"
SELECT_BITMAPS_OF = f"{SELECT_BITMAPS} AND value IN %s"
SELECT_BY_NUMBER = """
    SELECT id, number, external_id FROM members
    WHERE chain_id = %s AND number IN %s AND profiling AND merged_into IS NULL AND forgotten_at IS NULL
    ORDER BY number"""
SELECT_TAGS_OF = "SELECT member_id, tag, value FROM member_tags WHERE member_id IN %s AND value <> ''"

# Rules.
UPSERT_SETTINGS = """
    INSERT INTO tag_settings (chain_id, settings) VALUES (%s, %s) ON DUPLICATE KEY UPDATE settings = VALUES(settings)"""
UPSERT_MODEL = """
    INSERT INTO tag_models (chain_id, parameters, members, fitted_at) VALUES (%s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE parameters = VALUES(parameters), members = VALUES(members), fitted_at = VALUES(fitted_at)"""
SELECT_DAYS_AFTER = """
    SELECT m.id, f.days FROM members m JOIN member_facts f ON f.member_id = m.id
    WHERE m.id > %s AND m.chain_id = %s AND m.profiling AND m.merged_into IS NULL AND m.forgotten_at IS NULL
    ORDER BY m.id LIMIT %s"""


@dataclass(frozen=True)
class Person:
    """A member as it is kept; `first_store` is where it was seen first."""

    id: str
    chain: str
    number: int
    external_id: str | None
    profiling: bool
    marketing: bool
    merged_into: str | None
    forgotten_at: datetime | None
    enrolled_at: datetime
    first_store: str | None


def read_person(transaction: Transaction, member: str) -> Person | None:
    """Of our id."""
    row = transaction.row(SELECT_MEMBER, (member,))
    if row is None:
        return None
    row |= {"profiling": bool(row["profiling"]), "marketing": bool(row["marketing"]), "chain": row.pop("chain_id")}
    return Person(**row)


def update_member(
    transaction: Transaction, member: str, *, profiling: bool, marketing: bool, store: str | None
) -> None:
    """Consents, and the store of first sight where one is given."""
    transaction.execute(UPDATE_MEMBER, (profiling, marketing, store, member))


def read_identities(transaction: Transaction, member: str) -> list[Row]:
    """kind, lookup, encrypted each."""
    return transaction.rows(SELECT_IDENTITIES, (member,))


def replace_identity(transaction: Transaction, member: str, kind: str, lookup: bytes, encrypted: bytes) -> None:
    """The member has this one of its kind, and no other. Raises `Duplicate` where somebody else has it."""
    mine = [row["lookup"] for row in read_identities(transaction, member) if row["kind"] == kind]
    if mine:
        transaction.execute(DELETE_LOOKUPS, (tuple(mine), member))
        transaction.execute(DELETE_IDENTITIES, (member, kind))
    transaction.execute(INSERT_LOOKUP, (lookup, member))
    transaction.execute(INSERT_IDENTITY, (member, kind, lookup, encrypted))


def find(transaction: Transaction, lookups: Sequence[bytes]) -> str | None:
    """The member who has any of these."""
    row = transaction.row(SELECT_LOOKUPS, (tuple(lookups),)) if lookups else None
    return row["member_id"] if row else None


def read_tags(transaction: Transaction, member: str) -> list[Row]:
    """Those that have a value."""
    return transaction.rows(SELECT_TAGS, (member,))


def next_sequence(transaction: Transaction, member: str) -> int:
    """The number of the next message about the member itself."""
    transaction.execute(NEXT_SEQUENCE, (member,))
    return transaction.last_id()


def move(transaction: Transaction, member: str, into: str) -> None:
    """All that the one has bought and is known by becomes the other's; the facts are for the caller."""
    transaction.execute(POINT, (into, member, member))
    for statement in (MOVE_PURCHASES, MOVE_IDENTITIES, MOVE_LOOKUPS):
        transaction.execute(statement, (into, member))
    transaction.execute(DELETE_FACTS, (member,))


def external_ids(transaction: Transaction, member: str) -> list[str]:
    """The chain's own ids of the member and of all who were merged into it."""
    return [row["external_id"] for row in transaction.rows(SELECT_EXTERNAL_IDS, (member, member))]


def is_in_orders(transaction: Transaction, chain: str, external_id: str) -> bool:
    """Whether any order names the member, paid or not."""
    return transaction.row(IN_ORDERS, (external_id, chain)) is not None


def forget(transaction: Transaction, chain: str, member: str, now: datetime) -> None:
    """The person goes, and what was bought stays."""
    transaction.execute(KEEP_PURCHASES, (chain, member))
    for statement in (DELETE_PURCHASES, DELETE_ALL_IDENTITIES, DELETE_ALL_LOOKUPS, DELETE_FACTS):
        transaction.execute(statement, (member,))
    transaction.execute(MARK_FORGOTTEN, (plain(now), member, member))


def read_bitmaps(
    transaction: Transaction, chain: str, tags: Sequence[str], values: Sequence[str] = ()
) -> dict[BitmapKey, int]:
    """Of tags, or of single values of theirs."""
    if not tags:
        return {}
    if values:
        rows = transaction.rows(SELECT_BITMAPS_OF, (chain, tuple(tags), tuple(values)))
    else:
        rows = transaction.rows(SELECT_BITMAPS, (chain, tuple(tags)))
    return {(row["tag"], row["value"], row["chunk"]): unpack(row["members"]) for row in rows}


def by_number(transaction: Transaction, chain: str, numbers: Sequence[int]) -> list[Row]:
    """id, number and external_id of those who are still there, by number."""
    return transaction.rows(SELECT_BY_NUMBER, (chain, tuple(numbers))) if numbers else []


def tags_of(transaction: Transaction, members: Sequence[str]) -> dict[str, dict[str, str]]:
    """{tag: value} by member."""
    found: dict[str, dict[str, str]] = {member: {} for member in members}
    for row in transaction.rows(SELECT_TAGS_OF, (tuple(members),)) if members else ():
        found[row["member_id"]][row["tag"]] = row["value"]
    return found


def keep_settings(transaction: Transaction, chain: str, settings: str) -> None:
    """A chain's, as JSON."""
    transaction.execute(UPSERT_SETTINGS, (chain, settings))


def keep_model(transaction: Transaction, chain: str, parameters: str, members: int, now: datetime) -> None:
    """A chain's, as JSON, and of how many members it was made."""
    transaction.execute(UPSERT_MODEL, (chain, parameters, members, plain(now)))


def read_days_after(transaction: Transaction, chain: str, after: str, most: int) -> Iterable[Row]:
    """id and days of members beyond an id."""
    return transaction.rows(SELECT_DAYS_AFTER, (after, chain, most))
