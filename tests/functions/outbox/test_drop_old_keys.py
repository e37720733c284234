"""Every hour → old idempotency keys are dropped."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from functions.outbox import drop_old_keys
from shared.spine.env import Environment
from stack.gateway_event import Context
from stack.mariadb import MariaDB

EVENT = json.loads(Path("events/outbox/drop_old_keys.json").read_text(encoding="utf-8"))


def fill(database: MariaDB, ages: list[timedelta]) -> None:
    now = datetime.now(UTC)
    rows = [("c", f"k{n}", n.to_bytes(32), b"h" * 32, now - age) for n, age in enumerate(ages)]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO idempotency_keys (client_id, idempotency_key, signature, request_hash, created_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            rows,
        )


def left(database: MariaDB) -> list[str]:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT idempotency_key FROM idempotency_keys ORDER BY created_at DESC")
        return [key for (key,) in cursor.fetchall()]


def test_keys_are_kept_for_a_week(env: Environment, database: MariaDB) -> None:
    del env
    week, minute = timedelta(days=7), timedelta(minutes=1)
    fill(database, [timedelta(0), timedelta(hours=24), week - minute, week + minute, timedelta(days=400)])
    drop_old_keys.handler(EVENT, Context())
    assert left(database) == ["k0", "k1", "k2"]


def test_more_than_one_chunk_is_dropped_at_once(env: Environment, database: MariaDB) -> None:
    del env
    fill(database, [timedelta(days=8)] * 2500 + [timedelta(0)])
    drop_old_keys.handler(EVENT, Context())
    assert left(database) == ["k2500"]


def test_without_time_nothing_is_begun(env: Environment, database: MariaDB) -> None:
    del env
    fill(database, [timedelta(days=8)])
    drop_old_keys.handler(EVENT, Context(milliseconds=0))
    assert left(database) == ["k0"]
    drop_old_keys.handler(EVENT, Context())
    assert left(database) == []


def test_secret_replies_go_with_their_secrets(env: Environment, database: MariaDB) -> None:
    del env
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO secret_replies (client_id, idempotency_key, encrypted, good_until) VALUES ('c', %s, 'x', %s)",
            [("good", now + minute), ("over", now - minute)],
        )
        drop_old_keys.handler(EVENT, Context())
        cursor.execute("SELECT idempotency_key FROM secret_replies")
        assert cursor.fetchall() == (("good",),)
