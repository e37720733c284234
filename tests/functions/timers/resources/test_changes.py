"""Pause, resume, schedule and run now: the rule, the row, the message, and the audit of who did it."""

from datetime import timedelta

import pytest

from functions.timers import keep_timers
from functions.timers.tables.settings import read_settings
from shared.spine import timers
from shared.spine.env import Environment
from shared.spine.errors import Unavailable
from stack.gateway_event import Context
from tests.functions.timers.conftest import Stage
from tests.support.orders import Caller
from tests.support.queues import Inbox

DEMO = {"chain": "demo"}


def test_a_pause_disables_the_rule_and_a_resume_enables_it(stage: Stage, operator: Caller, inbox: Inbox) -> None:
    name = stage.add("tea_brew")
    answer = operator("POST", "/v1/timers/tea_brew/pause", DEMO)
    assert (answer.status, answer.json["paused"], answer.json["changed_by"]) == (200, True, operator.key["id"])
    assert stage.rule("tea_brew") == ("rate(1 minute)", "DISABLED")
    shown = operator("GET", "/v1/timers/tea_brew?chain=demo").json["timer"]
    assert (shown["paused"], shown["paused_by"], shown["applied"], shown["next_at"]) == (
        True, operator.key["id"], True, None,
    )  # fmt: skip
    assert operator("POST", "/v1/timers/tea_brew/resume", DEMO).json["paused"] is False
    assert stage.rule("tea_brew") == ("rate(1 minute)", "ENABLED")
    said = [(body["type"], body["subject"], body["sequence"], body["data"]["paused"]) for body in inbox.take()]
    assert said == [("timer.changed", name, 1, True), ("timer.changed", name, 2, False)]


def test_a_second_pause_changes_and_announces_nothing(stage: Stage, operator: Caller, inbox: Inbox) -> None:
    stage.add("tea_brew")
    first = operator("POST", "/v1/timers/tea_brew/pause", DEMO, key="a")
    assert operator("POST", "/v1/timers/tea_brew/pause", DEMO, key="a").json == first.json
    assert operator("POST", "/v1/timers/tea_brew/pause", DEMO, key="b").json == first.json
    assert len(inbox.take()) == 1


def test_a_pause_holds_when_a_deploy_enables_the_rule_again(stage: Stage, operator: Caller) -> None:
    name = stage.add("tea_brew")
    operator("POST", "/v1/timers/tea_brew/pause", DEMO)
    stage.add("tea_brew")  # as CloudFormation does when the rule's template changes
    assert stage.rule("tea_brew") == ("rate(1 minute)", "ENABLED")
    now = stage.env.clock()
    run = timers.a_run(name, now, now + timedelta(seconds=50), "r", None)
    assert timers.begin_run(stage.env.db, run, overlaps=False) == "paused"
    assert operator("GET", "/v1/timers/tea_brew?chain=demo").json["timer"]["applied"] is False
    keep_timers.handler({}, Context())
    assert stage.rule("tea_brew") == ("rate(1 minute)", "DISABLED")


def test_a_pause_holds_while_eventbridge_is_away(
    stage: Stage, operator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("aws_unreachable", "events did not answer")

    name = stage.add("tea_brew")
    monkeypatch.setattr(stage.env.aws, "put_rule", away)
    assert operator("POST", "/v1/timers/tea_brew/pause", DEMO).json["paused"] is True
    with stage.env.db.transaction() as transaction:
        assert read_settings(transaction, [name])[name].is_paused
    monkeypatch.undo()
    monkeypatch.setenv("WATCHED_PREFIX", stage.prefix)
    keep_timers.handler({}, Context())
    assert stage.rule("tea_brew")[1] == "DISABLED"


def test_what_the_stage_needs_cannot_be_paused(stage: Stage, operator: Caller) -> None:
    stage.add("tea_brew", pausable=False)
    answer = operator("POST", "/v1/timers/tea_brew/pause", DEMO)
    assert (answer.status, answer.json["code"]) == (409, "timer_essential")
    assert stage.rule("tea_brew")[1] == "ENABLED"


def test_a_schedule_changes_within_its_bounds_and_back(stage: Stage, operator: Caller) -> None:
    stage.add("tea_brew")
    path = "/v1/timers/tea_brew/schedule"
    assert (
        operator("POST", path, DEMO | {"every": {"count": 5, "unit": "minute"}}).json["schedule"] == "rate(5 minutes)"
    )
    assert stage.rule("tea_brew") == ("rate(5 minutes)", "ENABLED")
    shown = operator("GET", "/v1/timers/tea_brew?chain=demo").json["timer"]
    assert (shown["changed"], shown["schedule"]["count"], shown["schedule_of_template"]["count"]) == (True, 5, 1)
    for wrong in (
        {"every": {"count": 11, "unit": "minute"}},
        {"daily": {"at": "05:30", "zone": "Asia/Shanghai"}},
        {"every": {"count": 5, "unit": "minute"}, "daily": {"at": "05:30", "zone": "UTC"}},
        {"every": {"count": 0, "unit": "minute"}},
        {"daily": {"at": "24:00", "zone": "UTC"}},
        {"daily": {"at": "05:30", "zone": "Mars/Olympus"}},
    ):
        assert operator("POST", path, DEMO | wrong).status == 422, wrong
    assert operator("POST", path, DEMO).json["schedule"] is None
    assert stage.rule("tea_brew") == ("rate(1 minute)", "ENABLED")


def test_a_daily_timer_gets_a_time_of_a_zone(stage: Stage, operator: Caller) -> None:
    stage.add("tea_wash", "cron(30 3 * * ? *)")
    body = DEMO | {"daily": {"at": "05:30", "zone": "Asia/Shanghai"}}
    assert operator("POST", "/v1/timers/tea_wash/schedule", body).status == 200
    assert stage.rule("tea_wash") == ("cron(30 21 * * ? *)", "ENABLED")  # China is 8 hours ahead of UTC all year


def test_a_schedule_of_a_paused_timer_waits_for_the_resume(stage: Stage, operator: Caller) -> None:
    stage.add("tea_brew")
    operator("POST", "/v1/timers/tea_brew/pause", DEMO)
    operator("POST", "/v1/timers/tea_brew/schedule", DEMO | {"every": {"count": 2, "unit": "minute"}})
    assert stage.rule("tea_brew") == ("rate(2 minutes)", "DISABLED")
    operator("POST", "/v1/timers/tea_brew/resume", DEMO)
    assert stage.rule("tea_brew") == ("rate(2 minutes)", "ENABLED")


def test_a_timer_that_is_resumed_after_days_is_not_late(stage: Stage, operator: Caller, env: Environment) -> None:
    name = stage.add("tea_brew")
    timers.note_run(env.db, name, env.clock() - timedelta(days=3))
    operator("POST", "/v1/timers/tea_brew/pause", DEMO)
    operator("POST", "/v1/timers/tea_brew/resume", DEMO)
    assert abs(timers.read_runs(env.db)[name] - env.clock()) < timedelta(minutes=1)


def test_a_run_that_cannot_be_started_is_said_so_and_may_be_asked_again(stage: Stage, operator: Caller) -> None:
    stage.add("tea_brew")  # its function does not exist
    for _ in range(2):
        assert operator("POST", "/v1/timers/tea_brew/run", DEMO, key="once").status == 500


def test_a_run_is_asked_for_once_a_key(stage: Stage, operator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    name = stage.add("tea_brew")
    started: list[tuple[object, ...]] = []
    # The function is in no stack here; tests/flows starts a real one.
    monkeypatch.setattr(stage.env.aws, "start", lambda *arguments: started.append(arguments))
    first = operator("POST", "/v1/timers/tea_brew/run", DEMO, key="once")
    assert first.status == 202
    assert operator("POST", "/v1/timers/tea_brew/run", DEMO, key="once").json == first.json
    assert started == [(name, {"asked_by": operator.key["id"]})]
