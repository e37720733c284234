"""The statements of the numbers read a range of an index: one store, some days."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.delivery.tables import numbers
from stack.mariadb import MariaDB

DAYS = 300
NOW = datetime(2026, 12, 1, tzinfo=UTC)
ID = "%026d"


@pytest.fixture
def year(database: MariaDB) -> MariaDB:
    """Ten stores with a delivery, its rating and four messages a day."""
    moments = [(store, day, NOW - timedelta(days=day)) for store in range(10) for day in range(DAYS)]
    deliveries = [
        (ID % (store * DAYS + day), ID % (store * DAYS + day), f"demo:s{store}", moment, moment, moment, moment, moment,
         f"{store}-{day}".encode().ljust(32))
        for store, day, moment in moments
    ]  # fmt: skip
    messages = [
        (f"desk/demo:s{store}", day * 4 + number, f"m{day}-{number}", moment, f"demo:s{store}")
        for store, day, moment in moments for number in range(4)
    ]  # fmt: skip
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO deliveries (id, order_id, chain_id, store_id, number, goods, carriage, details, item_lines,"
            " shorts, times, refused_by, proof, why, wanted_from, wanted_until, ready_at, link_hash, link_encrypted,"
            " created_at, changed_at)"
            " VALUES (%s, %s, 'demo', %s, 1, 'handed', 'delivered', '{}', '[]', '[]', '{}', '[]', '{}', '{}',"
            " %s, %s, %s, %s, '', %s, %s)",
            [(a, b, c, d, e, f, link, g, h) for a, b, c, d, e, f, g, h, link in deliveries],
        )
        cursor.executemany(
            "INSERT INTO inbox_messages (recipient, seq, message_id, conversation, kind, counts, at, body, store_id)"
            " VALUES (%s, %s, %s, 'delivery/1', 'status', 1, %s, '{}', %s)",
            messages,
        )
        cursor.execute("INSERT INTO delivery_feedback SELECT id, 5, NULL, created_at FROM deliveries")
        cursor.execute("ANALYZE TABLE deliveries, delivery_feedback, inbox_messages")
    return database


@pytest.mark.parametrize(
    ("statement", "table", "key", "rows"),
    [("SELECT_OUTCOMES", "d", "by_promise", 31), ("SELECT_DELAYS", "inbox_messages", "by_store", 4 * 31)],
)
def test_only_the_days_of_the_store_are_read(year: MariaDB, statement: str, table: str, key: str, rows: int) -> None:
    values = {"store": "demo:s3", "since": NOW - timedelta(days=40), "until": NOW - timedelta(days=9), "limit": 20_000}
    with year.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("EXPLAIN FORMAT = TRADITIONAL " + getattr(numbers, statement), values)
        columns = [column[0] for column in cursor.description]
        plans = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    [plan] = [plan for plan in plans if plan["table"] == table]
    assert (plan["type"], plan["key"]) == ("range", key)
    assert int(plan["rows"]) <= rows * 1.1
    assert not [plan for plan in plans if plan["type"] == "ALL"]
