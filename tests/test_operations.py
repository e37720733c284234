"""docs/operate: the capacity table equals the wiring, and the SQL of the pages runs."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from ops.migrate import make_partitions, migrate
from shared.spine.env import Environment
from stack.mariadb import Address, MariaDB
from tests.support.environments import caller
from tests.support.orders import Caller, an_order
from tests.support.queues import Inbox

PAGES = Path("docs/operate")
WIRING = yaml.safe_load(Path("serverless.yml").read_text(encoding="utf-8"))
SETTINGS = WIRING["custom"]["wiring"]


def page(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def test_capacity_counts_every_function_s_environments() -> None:
    rows = [line.strip("| ").split(" | ") for line in page("capacity.md").splitlines() if line.startswith("| ")][1:]
    told = {name: int(count.split()[0]) for names, count in rows for name in re.findall(r"`(\w+)`", names)}
    people = told.pop("connectionsForPeople")
    told.pop("maxConnections")
    assert told == {
        key: entry.get("reservedConcurrency", SETTINGS["limits"][kind_of(entry)]["reservedConcurrency"])
        for key, entry in WIRING["functions"].items()
    }
    assert people == SETTINGS["connectionsForPeople"]
    assert int(rows[-1][1]) == sum(told.values()) + people


def kind_of(entry: dict[str, list[dict[str, object]]]) -> str:
    [trigger] = {name for event in entry["events"] for name in event}
    return {"message": "message", "schedule": "timer", "httpApi": "http", "websocket": "socket"}[trigger]


@pytest.fixture
def archive(mariadb: MariaDB) -> Iterator[Address]:
    """A database with one message of long ago and one of a time to come."""
    address = replace(mariadb.owner, database="dumbwaiter_archive")
    with mariadb.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE dumbwaiter_archive CHARACTER SET utf8mb4")
        migrate(address.url)
        cursor.executemany(
            "INSERT INTO dumbwaiter_archive.messages (id, subject, sequence, type, occurred_at, body, sent_at)"
            " VALUES (%s, 'order/1', %s, 'order.paid', NOW(), %s, NOW())",
            [("01AAAAAAAAAAAAAAAAAAAAAAAA", 1, '{"id": "1"}'), ("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 2, '{"id": "2"}')],
        )
        yield address
        cursor.execute("DROP DATABASE dumbwaiter_archive")


def test_archiving_moves_a_month_out_whole_and_can_be_undone_until_it_is_dropped(archive: Address) -> None:
    [present, exchange, drop] = statements(page("archive-messages.md"), archive)
    with archive.connect(autocommit=True) as connection, connection.cursor() as cursor:

        def run(several: list[str]) -> None:
            for statement in several:
                cursor.execute(statement)

        def ids(table: str) -> list[str]:
            cursor.execute(f"SELECT id FROM {table} ORDER BY id")
            return [row[0] for row in cursor.fetchall()]

        run(present)
        assert cursor.fetchall() == ((1, 0),)
        both = ids("messages")
        run(exchange)
        assert (ids("messages"), ids("messages_2026_02")) == (both[1:], both[:1])
        run(exchange[-1:])
        assert (ids("messages"), ids("messages_2026_02")) == (both, [])
        run(exchange[-1:])
        run(drop)
        assert ids("messages") == both[1:]
    make_partitions(archive.url, datetime.now(UTC))


def test_refused_message_is_mended_or_given_up_and_those_behind_it_leave(
    call: Caller, store: str, another_env: Callable[..., Environment], env: Environment, inbox: Inbox,
    database: MariaDB,
) -> None:  # fmt: skip
    quiet = caller(another_env(events_topic=""), call.key)  # leaves its messages to the sweeper
    note = {"lines": [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325, "note": "?"}]}
    orders = [quiet("POST", "/v1/orders", an_order(store, **note)).json["id"] for _ in range(2)]
    for order in orders:
        quiet("POST", f"/v1/orders/{order}/cancel", {"reason": "none"})
    [look, mend, give_up] = statements(page("alarms/unsent-messages.md"), database.owner)
    refused = [quiet("GET", f"/v1/orders/{order}/trace").json["messages"][0]["id"] for order in orders]

    def run(statement: str, message: str) -> list[tuple[object, ...]]:
        with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement.replace("MESSAGE", message))
            return list(cursor.fetchall())

    [shown], waiting = (run(statement, refused[0]) for statement in look)
    assert shown[1:4] == (f"order/{orders[0]}", 1, "order.placed")
    assert [row[1:] for row in waiting] == [(1, "order.placed"), (2, "order.cancelled")]
    run(mend[0], refused[0])
    run(give_up[0], refused[1])
    env.outbox.send_due(env.clock() + timedelta(seconds=60))
    said = [(m["subject"].removeprefix("order/"), m["type"]) for m in inbox.take()]
    assert sorted(said) == sorted(
        [(orders[0], "order.placed"), (orders[0], "order.cancelled"), (orders[1], "order.cancelled")]
    )
    assert env.outbox.unsent()[0] == 0


def statements(text: str, address: Address) -> list[list[str]]:
    """Of each SQL block, with the month for which the page gives an example replaced by the oldest one there is."""
    with address.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT partition_name FROM information_schema.partitions WHERE table_schema = DATABASE()"
            " AND table_name = 'messages' ORDER BY partition_ordinal_position LIMIT 1"
        )
        [(oldest,)] = cursor.fetchall()
    blocks = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    return [
        [one.strip() for one in block.replace("before_2026_03", oldest).split(";") if one.strip()] for block in blocks
    ]
