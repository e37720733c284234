"""Statements that leave together: one write, every answer in its order, and nothing kept after a failure."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.spine.db import Duplicate, Locked, Transaction, connect
from shared.spine.env import Environment
from shared.spine.errors import Conflict, Unavailable
from shared.spine.exchange import Exchange

NewEnvironments = Callable[..., Environment]
INSERT = "INSERT INTO pickup_numbers (store_id, business_day, last_number) VALUES (%s, '2026-01-01', %s)"
NEXT = """
    INSERT INTO pickup_numbers (store_id, business_day, last_number) VALUES (%s, '2026-01-01', LAST_INSERT_ID(1))
    ON DUPLICATE KEY UPDATE last_number = LAST_INSERT_ID(last_number + 1)"""
COUNT_UP = "UPDATE pickup_numbers SET last_number = last_number + 1 + 0 * LAST_INSERT_ID(%s)"
COUNT = "SELECT COUNT(*) AS found, COALESCE(SUM(last_number), 0) AS total FROM pickup_numbers"
LOCK = "SELECT last_number FROM pickup_numbers WHERE store_id = %s FOR UPDATE"


@pytest.fixture
def writes(env: Environment, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The length of each write to the server, from now on."""
    with env.db.transaction() as transaction:
        connection: Any = transaction.connection
    lengths: list[int] = []
    original = connection._write_bytes

    def write(data: bytes) -> None:
        lengths.append(len(data))
        original(data)

    monkeypatch.setattr(connection, "_write_bytes", write)
    return lengths


def kept(env: Environment) -> tuple[int, int]:
    with env.db.transaction() as transaction:
        row = transaction.row(COUNT)
    assert row
    return row["found"], int(row["total"])


def test_statements_that_wait_leave_with_the_next_in_one_write(env: Environment, writes: list[int]) -> None:
    with env.db.transaction() as transaction:
        transaction.execute_with_next(INSERT, ("a", 5))
        transaction.execute_many_with_next(INSERT, [("b", 6), ("c", 7)])
        assert writes == []
        assert transaction.rows(COUNT) == [{"found": 3, "total": 18}]
        assert len(writes) == 1
        transaction.execute_with_next(INSERT, ("d", 8))
        transaction.execute_with_next(INSERT, ("e", 9))
        assert len(writes) == 1
    assert len(writes) == 3, "those that wait, then COMMIT alone"
    assert kept(env) == (5, 35)


def test_a_server_without_pipelining_gets_each_statement_alone(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = env._secret(env.settings.database_secret or "")
    connection: Any = connect(secret | {"pipelining": False}, autocommit=False)
    lengths: list[int] = []
    original = connection._write_bytes

    def write(data: bytes) -> None:
        lengths.append(len(data))
        original(data)

    monkeypatch.setattr(connection, "_write_bytes", write)
    transaction = Transaction(Exchange(connection))
    for name in ("a", "b"):
        transaction.execute_with_next(INSERT, (name, 5))
    assert transaction.rows(COUNT) == [{"found": 2, "total": 10}]
    assert len(lengths) == 3
    transaction.execute_with_next(INSERT, ("a", 5))
    with pytest.raises(Duplicate):
        transaction.rows(COUNT)
    connection.close()


@pytest.mark.parametrize(
    ("version", "together"), [("5.7.12", False), ("8.0.23", True), ("5.5.5-10.11.6-MariaDB", True)]
)
def test_the_version_tells_whether_a_server_takes_statements_early(
    env: Environment, monkeypatch: pytest.MonkeyPatch, version: str, *, together: bool
) -> None:
    monkeypatch.setattr("pymysql.connections.Connection.get_server_info", lambda _connection: version)
    # MariaDB and MySQL name the isolation level differently.
    monkeypatch.setattr("shared.spine.db._session_of", lambda _version, _autocommit: "SET SESSION wait_timeout=10")
    connection: Any = connect(env._secret(env.settings.database_secret or ""))
    assert connection.pipelining is together
    connection.close()


def test_each_answer_belongs_to_its_statement(env: Environment) -> None:
    with env.db.transaction() as transaction:
        transaction.execute_with_next(NEXT, ("a",))
        assert transaction.execute(NEXT, ("a",)) == 2
        assert transaction.last_id() == 2
        transaction.execute_with_next(NEXT, ("b",))
        assert transaction.execute("UPDATE pickup_numbers SET last_number = last_number + 10") == 2


def test_of_several_failures_the_first_is_raised_and_nothing_is_kept(env: Environment) -> None:
    with pytest.raises(Duplicate) as found, env.db.transaction() as transaction:
        transaction.execute_with_next(INSERT, ("a", 1))
        transaction.execute_with_next(INSERT, ("a", 2))
        transaction.execute_with_next("SELECT nothing FROM nowhere", ())
        transaction.execute(INSERT, ("b", 3))
    assert found.value.key == "PRIMARY"
    assert kept(env) == (0, 0)


def test_a_failure_at_the_commit_commits_nothing(env: Environment) -> None:
    with pytest.raises(Duplicate), env.db.transaction() as transaction:
        transaction.execute(INSERT, ("a", 1))
        transaction.execute_with_next(INSERT, ("a", 2))
        transaction.execute_with_next(INSERT, ("b", 3))
    assert kept(env) == (0, 0)


def test_its_caller_says_what_a_failure_means(env: Environment) -> None:
    asked: list[Any] = []

    def refuse(failure: Exception) -> None:
        assert isinstance(failure, Duplicate)
        asked.extend(transaction.rows(LOCK, ("a",)))
        raise Conflict("taken", "somebody has it")

    with pytest.raises(Conflict), env.db.transaction() as transaction:
        transaction.execute(INSERT, ("a", 1))
        transaction.execute_with_next(INSERT, ("a", 2), refuse)
        transaction.execute(INSERT, ("b", 3))
    assert asked == [{"last_number": 1}]
    assert kept(env) == (0, 0)


def test_a_caller_that_goes_on_after_a_failure_commits_nothing(env: Environment) -> None:
    with pytest.raises(RuntimeError, match="roll back"), env.db.transaction() as transaction:
        transaction.execute(INSERT, ("a", 1))
        transaction.execute_with_next(INSERT, ("a", 2))
        with pytest.raises(Duplicate):
            transaction.execute(INSERT, ("b", 3))
    assert kept(env) == (0, 0)


def test_what_waited_when_the_work_failed_is_forgotten(env: Environment) -> None:
    with pytest.raises(ZeroDivisionError), env.db.transaction() as transaction:
        transaction.execute_with_next(INSERT, ("a", 1))
        raise ZeroDivisionError
    assert kept(env) == (0, 0)


def test_large_statements_go_alone_and_in_their_order(env: Environment, writes: list[int]) -> None:
    with env.db.transaction() as transaction:
        for number in range(3):
            transaction.execute_with_next(f"{INSERT} -- {'x' * 2_000_000}", (f"s{number}", number))
    assert len(writes) == 4
    assert kept(env) == (3, 3)


def test_a_connection_lost_between_two_answers_is_unavailable_and_then_replaced(env: Environment) -> None:
    with pytest.raises(Unavailable), env.db.transaction() as transaction:
        transaction.execute_with_next(INSERT, ("a", 1))
        transaction.execute_with_next("KILL CONNECTION_ID()", ())
        transaction.execute(INSERT, ("b", 2))
    assert kept(env) == (0, 0)


def test_a_wait_for_a_lock_ends_though_others_left_with_it(env: Environment, another_env: NewEnvironments) -> None:
    with env.db.transaction() as transaction:
        transaction.execute(INSERT, ("a", 1))
    with env.db.transaction() as holder:
        holder.row(LOCK, ("a",))
        begun = time.monotonic()
        with pytest.raises(Locked), another_env().db.transaction() as waiter:
            waiter.execute_with_next("UPDATE pickup_numbers SET last_number = 2 WHERE store_id = %s", ("a",))
            waiter.execute(INSERT, ("b", 3))
        assert time.monotonic() - begun > 1
    assert kept(env) == (1, 1)


def test_a_deadlock_of_the_first_statement_is_tried_again(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own word for a deadlock, by SIGNAL: what left behind it ran in a transaction of its own."""
    begun: list[str] = []
    with env.db.transaction() as transaction:
        sent = transaction.exchange._sent

        def deadlocked(train: Any) -> Any:
            begun.append(train[0][0])
            first = "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213" if len(begun) < 3 else train[0][0]
            return sent([(first, None), *train[1:]])

        monkeypatch.setattr(transaction.exchange, "_sent", deadlocked)
        transaction.execute_with_next(INSERT, ("a", 1), lambda _: None)
        assert transaction.execute(NEXT, ("b",)) == 1
        assert transaction.last_id() == 1, "the number that was taken behind a deadlock was given back"
        monkeypatch.undo()
    assert len(begun) == 3
    assert kept(env) == (2, 2)


def test_numbers_of_any_size_are_read_from_an_answer(env: Environment) -> None:
    with env.db.transaction() as transaction:
        transaction.execute(INSERT, ("a", 1))
        for number in (0, 250, 251, 65_535, 65_536, 16_777_215, 16_777_216, 2**40, 2**63):
            transaction.execute(COUNT_UP, (number,))
            assert transaction.last_id() == number


def test_without_what_waits_nothing_is_sent(env: Environment, writes: list[int]) -> None:
    with env.db.transaction() as transaction:
        transaction.send_waiting()
        assert isinstance(transaction, Transaction)
    assert len(writes) == 1, "COMMIT"
