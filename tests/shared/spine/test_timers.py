"""The rows of a timer's runs: one at once, none while it is paused, and a killed one is seen."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.spine import db as db_module
from shared.spine import entry, timers
from shared.spine.db import Row
from shared.spine.env import Environment
from shared.spine.errors import Unavailable
from stack.gateway_event import Context
from tests.support.paths import ROOT

NAME = "dumbwaiter-test-tea_brew"


def rows(env: Environment) -> list[Row]:
    with env.db.transaction() as transaction:
        return transaction.rows("SELECT * FROM timer_run_log ORDER BY id")


def failures(env: Environment) -> int:
    with env.db.transaction() as transaction:
        row = transaction.row("SELECT failures FROM timer_runs WHERE name = %s", (NAME,))
    assert row is not None
    return int(row["failures"])


def pause(env: Environment) -> None:
    with env.db.transaction() as transaction:
        values = (NAME, env.clock())
        transaction.execute("INSERT INTO timer_settings (name, paused_at, paused_by) VALUES (%s, %s, 'p')", values)


def brew(work: Callable[[Environment, datetime], None] = lambda *_: None, **event: str) -> None:
    context: Any = Context(function_name=NAME, milliseconds=50_000)
    entry.timer(work)(event, context)


def test_a_run_leaves_one_row_with_begin_and_end(env: Environment) -> None:
    during: list[Row] = []
    brew(lambda env, _: during.extend(rows(env)))
    assert [(row["outcome"], row["ended_at"], row["busy"]) for row in during] == [("running", None, 0)]
    [row] = rows(env)
    assert (row["name"], row["outcome"], row["cause"], row["request"]) == (NAME, "done", "schedule", "request-1")
    assert row["busy"] is None
    assert row["began_at"] <= row["ended_at"] < row["began_at"] + timedelta(seconds=20)
    assert row["must_end_by"] - row["began_at"] == timedelta(seconds=50)


def test_a_failure_is_kept_with_its_reason_and_counted_until_a_run_succeeds(env: Environment) -> None:
    def fail(*_: Any) -> None:
        raise Unavailable("away", "the broker is away")

    def break_down(*_: Any) -> None:
        raise ZeroDivisionError("SELECT of a guest")

    for work, counted in ((fail, 1), (break_down, 2)):
        with pytest.raises((Unavailable, entry.Bug)):
            brew(work)
        assert failures(env) == counted
    errors = [row["error"] for row in rows(env)]
    assert errors[0] == "away: the broker is away"
    assert "ZeroDivisionError" in errors[1]
    assert "guest" not in errors[1]
    brew()
    assert failures(env) == 0


def test_while_a_run_is_at_work_another_is_skipped(env: Environment) -> None:
    worked: list[str] = []

    def work(*_: Any) -> None:
        worked.append("outer")
        brew(lambda *_: worked.append("inner"))

    brew(work)
    assert worked == ["outer"]
    assert [row["outcome"] for row in rows(env)] == ["done", "skipped"]


def test_a_timer_whose_runs_may_overlap_runs_twice_at_once(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "settings", env.settings.__class__(**vars(env.settings) | {"overlaps": True}))
    worked: list[str] = []
    brew(lambda *_: brew(lambda *_: worked.append("inner")))
    assert worked == ["inner"]
    assert [row["outcome"] for row in rows(env)] == ["done", "done"]


def test_of_two_runs_that_begin_at_the_same_moment_one_works(another_env: Callable[..., Environment]) -> None:
    envs = [another_env() for _ in range(8)]
    start, answers = threading.Barrier(len(envs)), list[str]()

    def begin(env: Environment) -> None:
        now = env.clock()
        run = timers.a_run(NAME, now, now + timedelta(minutes=1), "r", None)
        start.wait()
        answers.append(timers.begin_run(env.db, run, overlaps=False))

    threads = [threading.Thread(target=begin, args=(env,)) for env in envs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["running"] + ["skipped"] * 7


def test_a_paused_timer_does_not_run_but_for_a_person(env: Environment) -> None:
    pause(env)
    worked: list[str] = []
    brew(lambda *_: worked.append("by schedule"))
    assert (worked, rows(env)) == ([], [])
    brew(lambda *_: worked.append("by a person"), asked_by="p-1")
    assert worked == ["by a person"]
    assert [(row["cause"], row["asked_by"]) for row in rows(env)] == [("person", "p-1")]


def test_a_paused_timer_is_not_expected_to_run(env: Environment) -> None:
    brew()
    assert NAME in timers.read_runs(env.db)
    pause(env)
    assert NAME not in timers.read_runs(env.db)


SLEEPER = """
import sys, time
from datetime import UTC, datetime
from shared.spine import entry
from stack.gateway_event import Context

def hang(env, until):
    print("at work", flush=True)
    time.sleep(600)

entry.timer(hang)({}, Context(function_name=sys.argv[1], milliseconds=2_000))
"""


def test_a_killed_run_shows_a_hang_and_the_next_run_proceeds_after_its_time_limit(
    env: Environment, function_environment: dict[str, str]
) -> None:
    brew()
    command = [sys.executable, "-c", SLEEPER, NAME]
    with subprocess.Popen(command, cwd=ROOT, env=function_environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() == "at work":
                break
        child.send_signal(signal.SIGKILL)
    assert [row["outcome"] for row in rows(env)] == ["done", "running"]
    limit = rows(env)[1]["must_end_by"]
    clock = env.clock
    env.clock = lambda: clock().replace(microsecond=0) + timedelta(seconds=-30)  # before its limit: it may be at work
    brew()
    env.clock = lambda: limit.replace(tzinfo=clock().tzinfo) + timedelta(seconds=1)
    brew()
    assert sorted(row["outcome"] for row in rows(env)) == ["done", "done", "hung", "skipped"]
    assert failures(env) == 0


def test_a_killed_run_counts_as_a_failure(env: Environment) -> None:
    brew()
    now = env.clock()
    run = timers.a_run(NAME, now, now + timedelta(seconds=1), "r", None)
    assert timers.begin_run(env.db, run, overlaps=False) == "running"
    with env.db.statements() as statements:
        assert timers.end_hung_runs(statements, now) == 0
        assert timers.end_hung_runs(statements, now + timedelta(seconds=2)) > 0
    assert failures(env) == 1


def test_a_run_costs_two_statements(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    del env
    brew()  # the first run of a new timer costs one more
    sent: list[str] = []
    execute = db_module.Transaction.execute

    def count(transaction: Any, statement: str, *values: Any) -> int:
        sent.append(statement.split(maxsplit=1)[0])
        return execute(transaction, statement, *values)

    monkeypatch.setattr(db_module.Transaction, "execute", count)
    brew()
    assert sent == ["INSERT", "UPDATE"]


def test_old_runs_are_deleted(env: Environment) -> None:
    now = env.clock()
    env.clock = lambda: now - timedelta(days=31)
    brew()
    env.clock = lambda: now
    brew()
    with env.db.statements() as statements:
        assert timers.delete_old_runs(statements, now - timedelta(days=30)) == 1
    assert len(rows(env)) == 1


def test_a_begin_without_a_database_fails_the_run(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> str:
        raise Unavailable("database_unavailable", "away")

    monkeypatch.setattr(timers, "begin_run", away)
    worked: list[str] = []
    with pytest.raises(Unavailable):
        brew(lambda *_: worked.append("x"))
    assert (worked, rows(env)) == ([], [])


def test_names_of_new_timers_are_noted_in_one_statement(env: Environment) -> None:
    timers.expect(env.db, ["a", "b"], env.clock())
    timers.expect(env.db, [], env.clock())
    assert set(timers.read_runs(env.db)) == {"a", "b"}
