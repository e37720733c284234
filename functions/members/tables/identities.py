"""The SQL of identities: phones, union ids and cards, encrypted, and the hashes to look them up."""

from collections.abc import Sequence

from shared.spine.db import Transaction

SELECT_IDENTITIES = "SELECT kind, lookup FROM member_identities WHERE member_id = %s"
INSERT_LOOKUP = "INSERT INTO member_lookups (lookup, member_id) VALUES (%s, %s)"
INSERT_IDENTITY = "INSERT INTO member_identities (member_id, kind, lookup, encrypted) VALUES (%s, %s, %s, %s)"
SELECT_LOOKUPS = "SELECT member_id FROM member_lookups WHERE lookup IN %s"
DELETE_IDENTITIES = "DELETE FROM member_identities WHERE member_id = %s AND kind = %s"
DELETE_LOOKUPS = "DELETE FROM member_lookups WHERE lookup IN %s AND member_id = %s"
UPDATE_IDENTITIES_OWNER = "UPDATE member_identities SET member_id = %s WHERE member_id = %s"
UPDATE_LOOKUPS_OWNER = "UPDATE member_lookups SET member_id = %s WHERE member_id = %s"
DELETE_ALL_IDENTITIES = "DELETE FROM member_identities WHERE member_id = %s"
DELETE_ALL_LOOKUPS = "DELETE FROM member_lookups WHERE member_id = %s"


def read_identity_kinds(transaction: Transaction, member_id: str) -> list[str]:
    """The kinds of identity that the member has, sorted."""
    return sorted({row["kind"] for row in transaction.rows(SELECT_IDENTITIES, (member_id,))})


def replace_identity(transaction: Transaction, member_id: str, kind: str, lookup: bytes, encrypted: bytes) -> None:
    """Replace the member's identities of this kind by one. Raises `Duplicate` if another member has it."""
    rows = transaction.rows(SELECT_IDENTITIES, (member_id,))
    if lookups := tuple(row["lookup"] for row in rows if row["kind"] == kind):
        transaction.execute(DELETE_LOOKUPS, (lookups, member_id))
        transaction.execute(DELETE_IDENTITIES, (member_id, kind))
    transaction.execute(INSERT_LOOKUP, (lookup, member_id))
    transaction.execute(INSERT_IDENTITY, (member_id, kind, lookup, encrypted))


def read_identity_owner(transaction: Transaction, lookups: Sequence[bytes]) -> str | None:
    """Our id of the member with one of these hashes."""
    row = transaction.row(SELECT_LOOKUPS, (tuple(lookups),)) if lookups else None
    return row["member_id"] if row else None


def update_identities_owner(transaction: Transaction, member_id: str, into: str) -> None:
    """Give all identities of a member to another member."""
    transaction.execute(UPDATE_IDENTITIES_OWNER, (into, member_id))
    transaction.execute(UPDATE_LOOKUPS_OWNER, (into, member_id))


def delete_identities(transaction: Transaction, member_id: str) -> None:
    """Delete all identities of a member."""
    transaction.execute(DELETE_ALL_IDENTITIES, (member_id,))
    transaction.execute(DELETE_ALL_LOOKUPS, (member_id,))
