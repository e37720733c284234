"""A page of waiting rows reads no more rows than it has."""

from datetime import datetime
from typing import Any

import pytest

from functions.members.tables.tag_changes import FIRST_WAITING, read_waiting_changes
from functions.members.tables.tags import FIRST_EXPIRED, read_expired_tags
from shared.spine.db import Transaction
from tests.support.members import NOON, Town


@pytest.mark.parametrize("column", ["changed_at", "expires_at"])
def test_a_page_of_what_waits_reads_no_more_rows_than_it_has(town: Town, column: str) -> None:
    """Also of many that have the same moment, as a chain's midnight is, and that stay because their chain fails."""
    moment, tags = datetime(2024, 2, 1), ("city", "item", "recency", "tier")  # noqa: DTZ001 - as columns have it
    ids = [f"{number:026}" for number in range(1_000)]
    with town.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO members (id, chain_id, number, profiling, marketing, enrolled_at, last_sequence)"
            " VALUES (%s, 'demo', %s, 1, 0, %s, 0)",
            [(member, number, moment) for number, member in enumerate(ids)],
        )
        cursor.executemany(
            f"INSERT INTO member_tags (member_id, tag, {column}, since, value, version, revision, announced,"
            " last_sequence) VALUES (%s, %s, %s, %s, 'x', 1, 1, '', 0)",
            [(member, tag, moment, moment) for member in ids for tag in tags],
        )
        cursor.execute("ANALYZE TABLE members, member_tags")
    read: Any = read_waiting_changes if column == "changed_at" else read_expired_tags
    after: Any = FIRST_WAITING if column == "changed_at" else FIRST_EXPIRED
    positions: list[Any] = []
    with town.env.db.transaction() as transaction:
        while after:
            before = _rows_read(transaction)
            pages, after = read(transaction, NOON, after, 100)
            assert _rows_read(transaction) - before < 1_000, "of 4,000, and 444 are the counting's own"
            positions += [row for page in pages.values() for row in page]
    assert len(positions) == 4_000


def _rows_read(transaction: Transaction) -> int:
    return sum(int(row["Value"]) for row in transaction.rows("SHOW SESSION STATUS LIKE 'Handler_read%%'", ()))
