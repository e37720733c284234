"""docs/operate: the capacity table equals the wiring, the SQL runs, and the commands exist."""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from generate.connections_table import render
from generate.flow_table import with_table
from ops.__main__ import app
from ops.migrate import make_partitions, migrate
from shared.spine.env import Environment
from stack.concerns import read_functions
from stack.mariadb import Address, MariaDB
from tests.support.environments import caller
from tests.support.orders import Caller, an_order
from tests.support.queues import Inbox

PAGES = Path("docs/operate")


def page(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def test_capacity_has_every_concern_s_connections() -> None:
    text = page("capacity.md")
    assert text == with_table(text, render(), "connections"), "stale: run `python -m generate.connections_table`"


def test_the_sum_of_capacity_is_the_sum_of_its_rows() -> None:
    rows = [line.strip("| ").split(" | ") for line in page("capacity.md").splitlines() if line.startswith("| ")][2:]
    counts = [int(count) for _, count, _ in rows]
    assert counts[-1] == sum(counts[:-1])
    functions = {key for row in rows for key in re.findall(r"`([a-z]+_\w+)`", row[2])}
    assert functions == {key for key, entry in read_functions().items() if "database" in entry.get("rights", ())}


@pytest.fixture
def archive(mariadb: MariaDB) -> Iterator[Address]:
    """A database with one message of the oldest month and one of a future month."""
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


def test_a_month_of_messages_is_archived_and_the_exchange_can_be_undone(archive: Address) -> None:
    [present, exchange, drop] = statements(page("archive-messages.md"), archive)
    with archive.connect(autocommit=True) as connection, connection.cursor() as cursor:

        def run(block: list[str]) -> None:
            for statement in block:
                cursor.execute(statement)

        def ids(table: str) -> list[str]:
            cursor.execute(f"SELECT id FROM {table} ORDER BY id")
            return [row[0] for row in cursor.fetchall()]

        run(present)
        assert cursor.fetchall() == ((1, 0),)
        all_ids = ids("messages")
        run(exchange)
        assert (ids("messages"), ids("messages_2026_02")) == (all_ids[1:], all_ids[:1])
        run(exchange[-1:])
        assert (ids("messages"), ids("messages_2026_02")) == (all_ids, [])
        run(exchange[-1:])
        run(drop)
        assert ids("messages") == all_ids[1:]
    make_partitions(archive.url, datetime.now(UTC))


def test_a_refused_message_is_corrected_or_given_up_and_later_messages_leave(
    call: Caller, store: str, another_env: Callable[..., Environment], env: Environment, inbox: Inbox,
    database: MariaDB,
) -> None:  # fmt: skip
    quiet = caller(another_env(events_topic=""), call.key)  # the sweeper publishes its messages
    note = {"lines": [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325, "note": "?"}]}
    orders = [quiet("POST", "/v1/orders", an_order(store, **note)).json["id"] for _ in range(2)]
    for order in orders:
        quiet("POST", f"/v1/orders/{order}/cancel", {"reason": "none"})
    [look, correct, give_up] = statements(page("alarms/unsent-messages.md"), database.owner)
    refused = [quiet("GET", f"/v1/orders/{order}/trace").json["messages"][0]["id"] for order in orders]

    def run(statement: str, message: str) -> list[tuple[object, ...]]:
        with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement.replace("MESSAGE", message))
            return list(cursor.fetchall())

    [message], waiting = (run(statement, refused[0]) for statement in look)
    assert message[1:4] == (f"order/{orders[0]}", 1, "order.placed")
    assert [row[1:] for row in waiting] == [(1, "order.placed"), (2, "order.cancelled")]
    run(correct[0], refused[0])
    run(give_up[0], refused[1])
    env.outbox.send_due(env.clock() + timedelta(seconds=60))
    published = [(sent["subject"].removeprefix("order/"), sent["type"]) for sent in inbox.take()]
    assert sorted(published) == sorted(
        [(orders[0], "order.placed"), (orders[0], "order.cancelled"), (orders[1], "order.cancelled")]
    )
    assert env.outbox.unsent()[0] == 0


def statements(text: str, address: Address) -> list[list[str]]:
    """The statements of each SQL block, with the oldest month in place of the page's example."""
    with address.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT partition_name FROM information_schema.partitions WHERE table_schema = DATABASE()"
            " AND table_name = 'messages' ORDER BY partition_ordinal_position LIMIT 1"
        )
        [(oldest,)] = cursor.fetchall()
    blocks = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    return [split(block.replace("before_2026_03", oldest)) for block in blocks]


def split(block: str) -> list[str]:
    return [statement.strip() for statement in block.split(";") if statement.strip()]


ALARMS = sorted(path.name for path in (PAGES / "alarms").glob("*.md"))


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_page_has_its_four_parts_and_is_in_the_index(name: str) -> None:
    headings = re.findall(r"^## (.+)$", page(f"alarms/{name}"), re.MULTILINE)
    assert headings[:4] == ["Meaning", "Look", "Do", "Over when"]
    assert f"[{name.removesuffix('.md')}](alarms/{name})" in page("README.md")


def test_every_page_of_a_subject_is_in_the_index() -> None:
    subjects = {path.name for path in PAGES.glob("*.md")} - {"README.md"}
    assert subjects == set(re.findall(r"^\| \[([\w-]+\.md)\]\(\1\)", page("README.md"), re.MULTILINE))


@pytest.mark.parametrize("name", [path.relative_to(PAGES).as_posix() for path in sorted(PAGES.rglob("*.md"))])
def test_the_operator_s_commands_of_a_page_exist(name: str) -> None:
    for command_line in operator_commands(page(name)):
        parse(typer.main.get_command(app), command_line)


def test_an_unknown_option_or_command_is_refused() -> None:
    for text in ("Run `./dumbwaiter queues dead orders --loud`.", "Run `./dumbwaiter clients paint`."):
        [command_line] = operator_commands(text)
        with pytest.raises(Exception, match=r"loud|paint"):
            parse(typer.main.get_command(app), command_line)


def operator_commands(text: str) -> list[list[str]]:
    """The arguments of each complete `./dumbwaiter …` in code."""
    lines = re.findall(r"\./dumbwaiter ([^`#>|\n]+)", text)
    return [shlex.split(line) for line in lines if "…" not in line]


def parse(command: Any, arguments: list[str]) -> None:
    """Raises for arguments that the command refuses. No command runs; each option of a group has a value."""
    if not hasattr(command, "commands"):
        command.make_context(command.name, arguments)
        return
    options = {option for parameter in command.params for option in parameter.opts}
    while arguments and arguments[0] in options:
        arguments = arguments[2:]
    if arguments:
        parse(command.commands[arguments[0]], arguments[1:])
