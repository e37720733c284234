"""The SQL of tags: computed values, the moments at which they expire, and the values of a page of members."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from functions.members.tables.columns import FIRST_MOMENT, aware, column_time
from shared.spine.db import Transaction

# Writes only tags whose facts still have the revision that was read. After a change of the facts the tag is computed
# again. The facts are locked, so that no change comes before the commit. The rows are JSON, because MySQL and MariaDB
# write a table of values differently. The inner SELECT is there because MySQL cannot lock a JSON_TABLE (3569).
WRITE_TAGS = """
    INSERT INTO member_tags
        (member_id, tag, value, version, revision, expires_at, since, changed_at, announced, last_sequence)
    SELECT STRAIGHT_JOIN f.member_id, made.tag, made.value, made.version, f.revision, made.expires_at, %s, %s, '', 0
    FROM (SELECT * FROM JSON_TABLE(%s, '$[*]' COLUMNS (
        member_id CHAR(26) CHARACTER SET ascii PATH '$[0]',
        tag VARCHAR(24) CHARACTER SET ascii PATH '$[1]',
        value VARCHAR(100) CHARACTER SET utf8mb4 PATH '$[2]',
        version SMALLINT UNSIGNED PATH '$[3]',
        revision INT UNSIGNED PATH '$[4]',
        expires_at VARCHAR(19) CHARACTER SET ascii PATH '$[5]')) AS given) AS made
    JOIN member_facts f ON f.member_id = made.member_id AND f.revision = made.revision
    LOCK IN SHARE MODE
    ON DUPLICATE KEY UPDATE
        since = IF(VALUES(value) = member_tags.value, since, VALUES(since)),
        changed_at = IF(VALUES(value) = member_tags.value, changed_at,
            IF(VALUES(value) = announced, NULL, VALUES(since))),
        value = VALUES(value), version = VALUES(version), revision = VALUES(revision),
        expires_at = VALUES(expires_at)"""
SELECT_STORED = """
    SELECT member_id, tag, value, version, CAST(expires_at AS CHAR) AS expires_at FROM member_tags
    WHERE member_id IN %s AND tag IN %s"""
SELECT_STORED_OF_MEMBERS = """
    SELECT member_id, tag, value, version, CAST(expires_at AS CHAR) AS expires_at FROM member_tags
    WHERE member_id IN %s"""
# Starts behind the last row of the page before, so that rows that fail do not block others. Rows of members that do not
# exist are read too, so that they are removed.
SELECT_EXPIRED = """
    SELECT STRAIGHT_JOIN t.expires_at, t.member_id, t.tag, COALESCE(m.chain_id, '') AS chain_id
    FROM member_tags t LEFT JOIN members m ON m.id = t.member_id
    WHERE t.expires_at <= %(now)s AND (
        t.expires_at > %(expires_at)s
        OR t.expires_at = %(expires_at)s AND t.member_id > %(member_id)s
        OR t.expires_at = %(expires_at)s AND t.member_id = %(member_id)s AND t.tag > %(tag)s)
    ORDER BY t.expires_at, t.member_id, t.tag LIMIT %(limit)s"""
# A cleared tag has an empty value. The announcer deletes the rows of members that are gone.
CLEAR_TAGS = "UPDATE member_tags SET value = '', expires_at = NULL, changed_at = %s WHERE member_id IN %s"
CLEAR_EXPIRED = """
    UPDATE member_tags SET value = '', expires_at = NULL, changed_at = %s
    WHERE member_id IN %s AND tag = %s AND expires_at <= %s"""
SELECT_TAGS_OF_MEMBER = """
    SELECT tag, value, since, version, expires_at FROM member_tags WHERE member_id = %s AND value <> '' ORDER BY tag"""
SELECT_VALUES = "SELECT member_id, tag, value FROM member_tags WHERE member_id IN %s AND value <> ''"


class ComputedTag(NamedTuple):
    """A tag to write. An empty value is no tag. `expires_at` is the text of a column."""

    member_id: str
    tag: str
    value: str
    version: int
    revision: int
    expires_at: str | None


class StoredTag(NamedTuple):
    """A tag as its row has it."""

    value: str | None
    version: int | None
    expires_at: str | None


class ProfileTag(NamedTuple):
    """A tag with a value, for a member's profile."""

    tag: str
    value: str
    since: datetime
    version: int
    expires_at: datetime | None


class ExpiredTag(NamedTuple):
    """A tag that is due, as a position in the order of due tags."""

    expires_at: datetime
    member_id: str
    tag: str


NO_TAG = StoredTag(None, None, None)
FIRST_EXPIRED = ExpiredTag(FIRST_MOMENT, "", "")


def upsert_tags(transaction: Transaction, tags: Sequence[ComputedTag], now: datetime) -> None:
    """Write all tags in one statement. A tag whose facts have changed since they were read is not written."""
    if tags:
        transaction.execute(WRITE_TAGS, (column_time(now), column_time(now), json.dumps(tags, ensure_ascii=False)))


def read_stored_tags(
    transaction: Transaction, member_ids: Sequence[str], tags: Sequence[str]
) -> dict[tuple[str, str], StoredTag]:
    """Stored tags by (member, tag)."""
    rows = transaction.rows(SELECT_STORED, (tuple(member_ids), tuple(tags))) if member_ids and tags else []
    return {(row["member_id"], row["tag"]): StoredTag(row["value"], row["version"], row["expires_at"]) for row in rows}


def read_stored_tags_of_members(transaction: Transaction, member_ids: Sequence[str]) -> dict[str, dict[str, StoredTag]]:
    """All stored tags of each member, by member and tag."""
    tags: dict[str, dict[str, StoredTag]] = {member_id: {} for member_id in member_ids}
    for row in transaction.rows(SELECT_STORED_OF_MEMBERS, (tuple(member_ids),)) if member_ids else ():
        tags[row["member_id"]][row["tag"]] = StoredTag(row["value"], row["version"], row["expires_at"])
    return tags


def read_expired_tags(
    transaction: Transaction, now: datetime, after: ExpiredTag, limit: int
) -> tuple[dict[tuple[str, str], list[str]], ExpiredTag | None]:
    """(members by chain and tag, the last position or None after the last page), the longest overdue first."""
    rows = transaction.rows(SELECT_EXPIRED, after._asdict() | {"now": column_time(now), "limit": limit})
    members: dict[tuple[str, str], list[str]] = {}
    last = None
    for row in rows:
        last = ExpiredTag(row["expires_at"], row["member_id"], row["tag"])
        members.setdefault((row["chain_id"], last.tag), []).append(last.member_id)
    return members, last if len(rows) == limit else None


def clear_tags(transaction: Transaction, member_ids: Sequence[str], now: datetime) -> None:
    """Clear every tag of these members."""
    if member_ids:
        transaction.execute(CLEAR_TAGS, (column_time(now), tuple(member_ids)))


def clear_expired_tags(transaction: Transaction, tag: str, member_ids: Sequence[str], now: datetime) -> int:
    """Clear the tag of those members whose tag is still due. Returns the number of rows."""
    if not member_ids:
        return 0
    return transaction.execute(CLEAR_EXPIRED, (column_time(now), tuple(member_ids), tag, column_time(now)))


def read_profile_tags(transaction: Transaction, member_id: str) -> list[ProfileTag]:
    """The tags of a member that have a value."""
    return [
        ProfileTag(
            tag=row["tag"],
            value=row["value"],
            since=aware(row["since"]),
            version=row["version"],
            expires_at=aware(row["expires_at"]) if row["expires_at"] else None,
        )
        for row in transaction.rows(SELECT_TAGS_OF_MEMBER, (member_id,))
    ]


def read_tag_values(transaction: Transaction, member_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """{tag: value} by member."""
    values: dict[str, dict[str, str]] = {member_id: {} for member_id in member_ids}
    for row in transaction.rows(SELECT_VALUES, (tuple(member_ids),)) if member_ids else ():
        values[row["member_id"]][row["tag"]] = row["value"]
    return values
