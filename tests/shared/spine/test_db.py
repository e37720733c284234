"""One connection per environment, and none that leaks."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pymysql
import pytest

from shared.spine import statement_text
from shared.spine.auth import Client
from shared.spine.db import Duplicate, Locked, Transaction, connect
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Unavailable
from stack.mariadb import MariaDB
from tests.support.waiting import on_this_machine, wait_until

NewEnvironments = Callable[..., Environment]
INSERT = "INSERT INTO pickup_numbers (store_id, business_day, last_number) VALUES (%s, '2026-01-01', 1)"
SAMPLE = Path(__file__).parents[3] / "events/printing/on_order_paid.json"
LOCK = "SELECT last_number FROM pickup_numbers WHERE store_id = %s FOR UPDATE"
BITMAPS = """
    INSERT INTO tag_bitmaps (members, chain_id, tag, value, chunk) VALUES (%s, 'c', 't', 'x%%y', %s)
    ON DUPLICATE KEY UPDATE members = VALUES(members)"""
BY_NAME = "INSERT INTO tag_bitmaps (chain_id, tag, value, chunk, members) VALUES ('c', 't', 'x%%y', %(n)s, %(bits)s)"
COUNT = "SELECT COUNT(*) AS found FROM pickup_numbers"


@pytest.fixture
def look(mariadb: MariaDB) -> Iterator[Callable[[str], Any]]:
    """Ask the server as somebody who watches it; the functions' account may end the functions' connections."""
    connection = mariadb.functions.connect(autocommit=True)

    def ask(statement: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    yield ask
    connection.close()


def connected(look: Callable[[str], Any]) -> int:
    return int(look("SHOW GLOBAL STATUS LIKE 'Threads_connected'")[0][1])


def settles(value: Callable[[], int], expected: int) -> None:
    """Wait until it is so: a server ends connections when it can."""
    wait_until(lambda: value() == expected)


def test_an_exception_rolls_back_and_the_connection_is_used_again(env: Environment, look: Any) -> None:
    with pytest.raises(ZeroDivisionError), env.db.transaction() as transaction:
        transaction.execute(INSERT, ("s",))
        raise ZeroDivisionError
    before = connected(look)
    with env.db.transaction() as transaction:
        assert transaction.row(COUNT) == {"found": 0}
    assert connected(look) == before


def test_a_statement_after_an_interrupt_gets_a_fresh_connection(env: Environment) -> None:
    with pytest.raises(KeyboardInterrupt), env.db.transaction() as transaction:
        first = transaction.row("SELECT CONNECTION_ID() AS id")
        raise KeyboardInterrupt
    with env.db.transaction() as transaction:
        assert transaction.row("SELECT CONNECTION_ID() AS id") != first


def test_a_connection_that_the_server_ended_while_it_rested_is_replaced_unnoticed(
    env: Environment, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with env.db.transaction() as transaction:
        row = transaction.row("SELECT CONNECTION_ID() AS id")
    assert row
    look(f"KILL {row['id']}")
    monkeypatch.setattr("shared.spine.db.TRUSTED_FOR", 0)
    with env.db.transaction() as transaction:
        assert transaction.row("SELECT 1 AS one") == {"one": 1}


def test_a_connection_lost_in_mid_transaction_is_unavailable_and_then_replaced(env: Environment, look: Any) -> None:
    with pytest.raises(Unavailable), env.db.transaction() as transaction:
        row = transaction.row("SELECT CONNECTION_ID() AS id")
        assert row
        look(f"KILL {row['id']}")
        transaction.execute(INSERT, ("s",))
    with env.db.transaction() as transaction:
        assert transaction.row(COUNT) == {"found": 0}


@pytest.mark.parametrize("failure", [Unavailable("read_only", "x"), Misconfigured("refused", "x")])
def test_a_connection_to_a_server_that_does_not_serve_is_not_kept(env: Environment, failure: Exception) -> None:
    """A writer that was demoted answers, and refuses: the next connection finds the new one."""
    with pytest.raises(type(failure)), env.db.transaction() as transaction:
        first = transaction.row("SELECT CONNECTION_ID() AS id")
        raise failure
    with env.db.transaction() as transaction:
        assert transaction.row("SELECT CONNECTION_ID() AS id") != first


def test_a_transaction_within_a_transaction_is_a_bug(env: Environment) -> None:
    with pytest.raises(RuntimeError), env.db.transaction(), env.db.transaction():
        pass


def test_nothing_that_is_printed_holds_a_secret(env: Environment, mariadb: MariaDB) -> None:
    with env.db.transaction():
        pass
    keyring = env.keyring()
    credentials = env.aws._current_credentials(env.clock())
    client = Client("k1", [], [(b"the secret", None)], 1, 0)
    printed = repr((env, credentials, client))
    for secret in (mariadb.functions.password, keyring[0], "secret_key", "the secret"):
        assert secret not in printed


def test_a_lost_commit_is_unavailable(env: Environment, look: Any) -> None:
    with pytest.raises(Unavailable), env.db.transaction() as transaction:
        row = transaction.row("SELECT CONNECTION_ID() AS id")
        assert row
        look(f"KILL {row['id']}")


def test_a_unique_key_is_told_by_name(env: Environment) -> None:
    with pytest.raises(Duplicate) as found, env.db.transaction() as transaction:
        transaction.execute(INSERT, ("s",))
        transaction.execute(INSERT, ("s",))
    assert found.value.key == "PRIMARY"


def test_an_insert_of_many_rows_is_one_statement_with_what_is_the_same_in_all_of_them(env: Environment) -> None:
    rows = [("it's 100 % \\ 東", 1), ("", 2), (b"\x00'\xff", 3)]
    with env.db.transaction() as transaction:
        before = asked(transaction)
        assert transaction.execute_many(BITMAPS, rows) == 3
        assert transaction.execute_many(BITMAPS, []) == 0
        assert transaction.execute_many(BY_NAME, [{"n": 4, "bits": b""}, {"n": 5, "bits": b"\x05"}]) == 2
        assert asked(transaction) == before + 3  # asking is one
        found = transaction.rows("SELECT value, members FROM tag_bitmaps ORDER BY chunk")
    assert [row["members"] for row in found] == ["it's 100 % \\ 東".encode(), b"", b"\x00'\xff", b"", b"\x05"]
    assert {row["value"] for row in found} == {"x%y"}


def test_many_rows_go_in_statements_that_a_server_takes(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_text, "MOST_CHARACTERS", 150)
    with env.db.transaction() as transaction:
        before = asked(transaction)
        assert transaction.execute_many(BITMAPS, [("x" * 40, n) for n in range(7)]) == 7
        assert asked(transaction) == before + 5  # two rows each
        [row] = transaction.rows("SELECT COUNT(*) AS n, SUM(chunk) AS s FROM tag_bitmaps")
        assert (row["n"], row["s"]) == (7, 21)
        with pytest.raises(ValueError, match="not an INSERT"):
            transaction.execute_many("UPDATE tag_bitmaps SET members = %s", [("a",)])


def asked(transaction: Transaction) -> int:
    """Statements of this session until now."""
    [row] = transaction.rows("SHOW SESSION STATUS LIKE 'Questions'")
    return int(row["Value"])


def test_a_row_that_somebody_holds_is_locked_after_two_seconds(env: Environment, another_env: NewEnvironments) -> None:
    with env.db.transaction() as transaction:
        transaction.execute(INSERT, ("s",))
    with env.db.transaction() as holder:
        holder.row(LOCK, ("s",))
        begun = time.monotonic()
        with pytest.raises(Locked), another_env().db.transaction() as waiter:
            waiter.row(LOCK, ("s",))
        assert 1 < time.monotonic() - begun < on_this_machine(4)


def test_a_server_that_is_away_is_unavailable_and_a_wrong_password_is_for_a_person(mariadb: MariaDB) -> None:
    account = mariadb.functions
    secret = {"host": account.host, "port": account.port, "username": account.user, "password": account.password}
    secret |= {"dbname": account.database}
    with pytest.raises(Unavailable):
        connect(secret | {"port": 1})
    with pytest.raises(Misconfigured):
        connect(secret | {"password": "wrong"})
    with pytest.raises(Misconfigured):
        connect(secret | {"dbname": "mysql"})


def test_a_wrong_statement_is_a_bug_and_not_a_passing_trouble(env: Environment) -> None:
    with pytest.raises(pymysql.err.MySQLError), env.db.transaction() as transaction:
        transaction.execute("SELECT nothing FROM nowhere")


def test_sessions_are_strict_in_utc_and_read_committed(env: Environment) -> None:
    with env.db.transaction() as transaction:
        row = transaction.row(
            "SELECT @@session.time_zone AS zone, @@session.sql_mode LIKE '%%STRICT_ALL_TABLES%%' AS strict,"
            " @@session.wait_timeout AS rest"
        )
        level = transaction.row("SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')")
    assert row == {"zone": "+00:00", "strict": 1, "rest": 10}
    assert level
    assert level["Value"] == "READ-COMMITTED"


@contextmanager
def worker(module: str, variables: dict[str, str]) -> Iterator[Any]:
    """A process that answers events; it is ended at the end, however it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.worker", module],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )

    def ask(event: dict[str, Any]) -> Any:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(event) + "\n")
        process.stdin.flush()
        return process.stdout.readline()

    ask.process = process  # type: ignore[attr-defined]
    with process:
        yield ask
        process.send_signal(signal.SIGCONT)
        process.kill()


def a_batch(number: int) -> dict[str, Any]:
    """An SQS batch of one paid order."""
    event: dict[str, Any] = json.loads(SAMPLE.read_text())
    event["Records"][0]["messageId"] = str(number)
    return event


def test_the_server_takes_back_the_connection_of_a_frozen_environment(
    database: MariaDB, function_environment: dict[str, str], look: Any
) -> None:
    """Lambda freezes an idle environment and never tells it when it is thrown away; SIGSTOP does the same here."""
    del database
    before = connected(look)
    with worker("functions.outbox.drop_old_keys", function_environment) as ask:
        ask({})
        assert connected(look) == before + 1
        ask.process.send_signal(signal.SIGSTOP)
        settles(lambda: connected(look), before)
        ask.process.send_signal(signal.SIGCONT)
        assert "raised" not in ask({})


def test_ten_thousand_invocations_with_errors_and_timeouts_leave_no_connection(
    database: MariaDB, function_environment: dict[str, str], look: Any
) -> None:
    """Four environments at a time. Every 10th invocation meets a bug, after every 50th somebody ends all connections,
    and every 500th runs into its time-out inside a transaction and is killed, as Lambda does it."""
    del database
    before = connected(look)
    with ThreadPoolExecutor(4) as pool:
        outcomes = sum(pool.map(partial(invocations, function_environment), range(0, 10_000, 2_500)), Counter())
        assert outcomes.total() == 10_000
    assert outcomes["killed"] == 20
    assert outcomes["failed"] >= 1_000 - 20
    assert outcomes["done"] > 8_000
    settles(lambda: connected(look), before)


def invocations(variables: dict[str, str], start: int) -> Counter[str]:
    """2,500 of them, in as many processes as it takes."""
    outcomes: Counter[str] = Counter()
    numbers = iter(range(start, start + 2_500))
    while outcomes.total() < 2_500:
        with worker("functions.printing.on_order_paid", variables) as ask:
            for number in numbers:
                if number % 500 == 499:
                    assert "asleep" in ask(a_batch(number) | {"_fault": "sleep"})
                    outcomes["killed"] += 1
                    break
                fault = "bug" if number % 10 == 9 else "cut" if number % 50 == 0 else None
                reply = json.loads(ask(a_batch(number) | {"_fault": fault}))
                outcomes["failed" if reply["batchItemFailures"] else "done"] += 1
    return outcomes
