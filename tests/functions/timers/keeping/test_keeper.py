"""The keeper: alerts begin once, name who must act, and end; rules follow decisions and clocks."""

from datetime import datetime, timedelta
from typing import Any

from functions.timers import keep_timers
from functions.timers.tables.alerts import read_open_alerts
from functions.timers.tables.jobs import JobRun, insert_job_run, read_job_runs
from shared.spine import timers
from shared.spine.env import Environment
from stack.gateway_event import Context
from tests.functions.timers.conftest import Stage
from tests.support.orders import Caller
from tests.support.queues import Inbox

MINUTE = timedelta(minutes=1)


def keep() -> None:
    context: Any = Context(function_name="timers_keep_timers")
    keep_timers.handler({}, context)


def open_kinds(env: Environment) -> list[str]:
    with env.db.transaction() as transaction:
        return [alert.kind.value for alert in read_open_alerts(transaction)]


def test_three_failures_are_one_alert_that_ends_with_a_success(stage: Stage, env: Environment, inbox: Inbox) -> None:
    name = stage.add("tea_brew")
    stage.run("tea_brew")
    for _ in range(2):
        stage.run("tea_brew", "away: no water")
    keep()
    assert open_kinds(env) == []
    stage.run("tea_brew", "away: no water")
    keep()
    keep()
    assert open_kinds(env) == ["failing"]
    [begun] = [body for body in inbox.take() if body["type"] == "timer.failing"]
    assert (begun["subject"], begun["data"]["timer"], begun["data"]["acts"]) == (name, "tea_brew", "operator")
    stage.run("tea_brew")
    keep()
    assert open_kinds(env) == []
    [ended] = [body for body in inbox.take() if body["type"] == "timer.recovered"]
    assert (ended["data"]["alert"], ended["data"]["kind"]) == (begun["data"]["alert"], "failing")


def test_a_run_without_an_end_is_an_alert_until_the_next_run_ends(stage: Stage, env: Environment) -> None:
    stage.add("tea_brew")
    stage.run("tea_brew", at=env.clock() - 2 * MINUTE, killed=True)
    keep()
    assert open_kinds(env) == ["hanging"]
    stage.run("tea_brew")
    keep()
    assert open_kinds(env) == []


def test_a_silent_timer_is_an_alert_unless_it_is_paused(stage: Stage, env: Environment, operator: Caller) -> None:
    name = stage.add("tea_brew")
    timers.note_run(env.db, name, env.clock() - 4 * MINUTE)
    keep()
    assert open_kinds(env) == ["late"]
    shown = operator("GET", "/v1/timers/tea_brew?chain=demo").json["timer"]["alerts"]
    assert [(alert["kind"], alert["acts"]) for alert in shown] == [("late", "operator")]
    operator("POST", "/v1/timers/tea_brew/pause", {"chain": "demo"})
    keep()
    assert open_kinds(env) == []


def test_alerts_are_published_for_the_page_of_alerts(stage: Stage, env: Environment) -> None:
    name = stage.add("tea_brew")
    timers.note_run(env.db, name, env.clock() - 4 * MINUTE)
    keep()
    with env.db.transaction() as transaction:
        [row] = transaction.rows("SELECT name, kind, acts FROM open_timer_alerts")
    assert row == {"name": name, "kind": "late", "acts": "operator"}


def test_a_time_of_a_zone_stays_when_the_clocks_change(stage: Stage, env: Environment, operator: Caller) -> None:
    """Berlin is 1 hour ahead of UTC until 29 March 2026, 1:00 UTC, then 2 hours."""
    stage.add("tea_wash", "cron(30 3 * * ? *)")
    body = {"chain": "demo", "daily": {"at": "05:30", "zone": "Europe/Berlin"}}
    env.clock = lambda: datetime.fromisoformat("2026-03-27T12:00:00+00:00")
    assert operator("POST", "/v1/timers/tea_wash/schedule", body).status == 200
    assert stage.rule("tea_wash")[0] == "cron(30 4 * * ? *)"
    env.clock = lambda: datetime.fromisoformat("2026-03-28T12:00:00+00:00")
    keep()
    assert stage.rule("tea_wash")[0] == "cron(30 3 * * ? *)"


def test_old_runs_are_forgotten(stage: Stage, env: Environment) -> None:
    stage.add("tea_brew")
    stage.run("tea_brew", at=env.clock() - timedelta(days=31))
    stage.run("tea_brew")
    keep()
    with env.db.transaction() as transaction:
        rows = transaction.rows("SELECT name FROM timer_run_log WHERE name LIKE %s", (f"{stage.prefix}%",))
    assert len(rows) == 1


def test_runs_of_jobs_are_forgotten_after_400_days(stage: Stage, env: Environment) -> None:
    stage.add("tea_brew")
    now = env.clock()
    with env.db.transaction() as transaction:
        for age in (399, 401):
            moment = now - timedelta(days=age)
            insert_job_run(transaction, "J" * 26, JobRun(moment, "begin", moment, "done", None))
    keep()
    with env.db.transaction() as transaction:
        [kept] = read_job_runs(transaction, "J" * 26)
    assert now - kept.occurs_at < timedelta(days=400)
