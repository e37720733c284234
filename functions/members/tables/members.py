"""The SQL of members: numbers, consents, merges and external ids."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from functions.members.tables.columns import column_time
from shared.spine.db import Row, Transaction

NEXT_NUMBERS = """
    INSERT INTO member_numbers (chain_id, last_number) VALUES (%s, LAST_INSERT_ID(%s))
    ON DUPLICATE KEY UPDATE last_number = LAST_INSERT_ID(last_number + %s)"""
SELECT_CHAINS = "SELECT chain_id FROM member_numbers"
INSERT_MEMBERS = """
    INSERT IGNORE INTO members (id, chain_id, number, external_id, profiling, marketing, enrolled_at, last_sequence)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"""
LOCK_MEMBERS = """
    SELECT id, chain_id, profiling, merged_into, forgotten_at IS NOT NULL AS forgotten FROM members
    WHERE id IN %s ORDER BY id FOR UPDATE"""
SELECT_MEMBER = """
    SELECT id, chain_id, number, external_id, profiling, marketing, merged_into, forgotten_at, enrolled_at,
        COALESCE(first_store, (SELECT store_id FROM member_purchases WHERE member_id = members.id
            ORDER BY order_id LIMIT 1)) AS first_store
    FROM members WHERE id = %s"""
SELECT_BY_NUMBER = """
    SELECT id, external_id FROM members
    WHERE chain_id = %s AND number IN %s AND profiling AND merged_into IS NULL AND forgotten_at IS NULL
    ORDER BY number"""
UPDATE_MEMBER = (
    "UPDATE members SET profiling = %s, marketing = %s, first_store = COALESCE(%s, first_store) WHERE id = %s"
)
NEXT_SEQUENCE = "UPDATE members SET last_sequence = LAST_INSERT_ID(last_sequence + 1) WHERE id = %s"
# A pointer is always one step: members that were merged into the first are merged into the second too.
UPDATE_MERGED_INTO = "UPDATE members SET merged_into = %s WHERE id = %s OR merged_into = %s"
SELECT_EXTERNAL_IDS = """
    SELECT external_id FROM members WHERE (id = %s OR merged_into = %s) AND external_id IS NOT NULL
    ORDER BY external_id"""
SELECT_ORDER_OF_MEMBER = "SELECT 1 FROM order_members WHERE member_id = %s AND chain_id = %s LIMIT 1"
UPDATE_FORGOTTEN = """
    UPDATE members SET forgotten_at = %s, external_id = NULL, first_store = NULL, profiling = FALSE, marketing = FALSE
    WHERE id = %s OR merged_into = %s"""


class NewMember(NamedTuple):
    """A member without a row yet. `external_id` is the chain's own id."""

    id: str
    chain: str
    external_id: str


@dataclass(frozen=True)
class Member:
    """A locked member. `id` is the id of the member that it was merged into."""

    id: str
    chain: str
    profiling: bool
    forgotten: bool


@dataclass(frozen=True)
class MemberDetails:
    """The row of a member. `first_store` is the store of the enrolment, or else of the first purchase."""

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


class MemberName(NamedTuple):
    """Our id of a member, and the chain's id of it."""

    id: str
    external_id: str | None


def insert_members(transaction: Transaction, new_members: Sequence[NewMember], now: datetime) -> None:
    """Insert rows with numbers of the chain's counter. A member that has a row keeps it; its new number is unused."""
    numbers: dict[str, int] = {}
    for chain in sorted({member.chain for member in new_members}):
        count = sum(member.chain == chain for member in new_members)
        transaction.execute(NEXT_NUMBERS, (chain, count, count))
        numbers[chain] = transaction.last_id() - count
    rows = []
    for member in new_members:
        numbers[member.chain] += 1
        number = numbers[member.chain]
        rows.append((member.id, member.chain, number, member.external_id, True, False, now, 0))
    transaction.execute_many(INSERT_MEMBERS, rows)


def lock_members(transaction: Transaction, member_ids: Sequence[str]) -> dict[str, Member]:
    """By the id in `member_ids`, with the pointer of each merged member followed.

    No transaction can merge or change them until the end of this one.
    """
    rows = {row["id"]: row for row in transaction.rows(LOCK_MEMBERS, (tuple(member_ids),))} if member_ids else {}
    while targets := {row["merged_into"] for row in rows.values() if row["merged_into"]} - set(rows):
        rows |= {row["id"]: row for row in transaction.rows(LOCK_MEMBERS, (tuple(sorted(targets)),))}
    return {member_id: _member(rows, member_id) for member_id in member_ids if member_id in rows}


def _member(rows: Mapping[str, Row], member_id: str) -> Member:
    row = rows[member_id]
    while row["merged_into"]:
        row = rows[row["merged_into"]]
    return Member(row["id"], row["chain_id"], bool(row["profiling"]), bool(row["forgotten"]))


def read_member(transaction: Transaction, member_id: str) -> MemberDetails | None:
    """The row of our id. Merges are not followed."""
    row = transaction.row(SELECT_MEMBER, (member_id,))
    if row is None:
        return None
    row |= {"profiling": bool(row["profiling"]), "marketing": bool(row["marketing"]), "chain": row.pop("chain_id")}
    return MemberDetails(**row)


def read_members_by_number(transaction: Transaction, chain: str, numbers: Sequence[int]) -> list[MemberName]:
    """The active members with these numbers, sorted by number."""
    rows = transaction.rows(SELECT_BY_NUMBER, (chain, tuple(numbers))) if numbers else []
    return [MemberName(row["id"], row["external_id"]) for row in rows]


def update_member(
    transaction: Transaction, member_id: str, *, profiling: bool, marketing: bool, first_store: str | None
) -> None:
    """Set the consents. A `first_store` of None changes nothing."""
    transaction.execute(UPDATE_MEMBER, (profiling, marketing, first_store, member_id))


def next_sequence(transaction: Transaction, member_id: str) -> int:
    """The number of the next message about the member itself."""
    transaction.execute(NEXT_SEQUENCE, (member_id,))
    return transaction.last_id()


def update_merged_into(transaction: Transaction, member_id: str, into: str) -> None:
    """Point the member, and all members that were merged into it, to `into`."""
    transaction.execute(UPDATE_MERGED_INTO, (into, member_id, member_id))


def update_forgotten(transaction: Transaction, member_id: str, now: datetime) -> None:
    """Clear the personal columns of the member and of all members that were merged into it."""
    transaction.execute(UPDATE_FORGOTTEN, (column_time(now), member_id, member_id))


def read_external_ids(transaction: Transaction, member_id: str) -> list[str]:
    """The chain's own ids of the member and of all members that were merged into it."""
    return [row["external_id"] for row in transaction.rows(SELECT_EXTERNAL_IDS, (member_id, member_id))]


def read_has_orders(transaction: Transaction, chain: str, external_id: str) -> bool:
    """Whether an order names the member, paid or not."""
    return transaction.row(SELECT_ORDER_OF_MEMBER, (external_id, chain)) is not None


def read_chains(transaction: Transaction) -> list[str]:
    """All chains that have members."""
    return [row["chain_id"] for row in transaction.rows(SELECT_CHAINS)]
