"""The watcher on real queues, rules and rows: what is late is counted, and what is in time is not."""

import io
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from functions.outbox import watch_queues_and_timers as watcher
from shared.spine import entry, log, timers
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.gateway_event import Context


@dataclass
class Stage:
    """A stage of its own in the emulator, with what a test makes in it."""

    emulator: Emulator
    prefix: str

    def add_queue(self, key: str, oldest_seconds: str = "60") -> str:
        """A consumer's queue with one message; its name."""
        sqs, name = self.emulator.client("sqs"), f"{self.prefix}{key}"
        url = sqs.create_queue(QueueName=name, tags={"oldest-seconds": oldest_seconds})["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="x")
        return name

    def add_timer(self, key: str, schedule: str = "rate(1 minute)") -> str:
        """The rule of a timer; its name."""
        name = f"{self.prefix}{key}"
        self.emulator.client("events").put_rule(Name=name, ScheduleExpression=schedule)
        return name

    def add_throttles(self, key: str, env: Environment) -> str:
        """Throttles in each of the last minutes, as Lambda reports them for a function and for the account."""
        name = f"{self.prefix}{key}"
        data = [
            {
                "MetricName": "Throttles",
                "Dimensions": dimensions,
                "Value": 2.0,
                "Timestamp": env.clock() - timedelta(minutes=n),
            }
            for n in range(1, 5)
            for dimensions in ([], [{"Name": "FunctionName", "Value": name}])
        ]
        self.emulator.client("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=data)
        return name


@pytest.fixture
def stage(emulator: Emulator) -> Iterator[Stage]:
    found = Stage(emulator, f"dumbwaiter-t{secrets.token_hex(4)}-")
    yield found
    sqs, events = emulator.client("sqs"), emulator.client("events")
    for url in sqs.list_queues(QueueNamePrefix=found.prefix).get("QueueUrls", []):
        sqs.delete_queue(QueueUrl=url)
    for rule in events.list_rules(NamePrefix=found.prefix)["Rules"]:
        events.delete_rule(Name=rule["Name"])


@pytest.fixture
def watching(another_env: Callable[..., Environment], stage: Stage) -> Environment:
    return another_env(watched_prefix=stage.prefix)


def names(env: Environment) -> list[tuple[str, str]]:
    return [(lateness.page, lateness.name) for lateness in watcher.find_lateness(env)]


def test_a_message_that_waits_longer_than_its_queue_allows_is_late(watching: Environment, stage: Stage) -> None:
    late, patient = stage.add_queue("tea_on_order_paid", "0"), stage.add_queue("tea_train", "3600")
    stage.add_queue("tea_on_order_placed")
    assert names(watching) == [("queue-age", late)]
    assert patient not in [name for _, name in names(watching)]


def test_an_empty_queue_is_not_late_whatever_cloudwatch_remembers(watching: Environment, stage: Stage) -> None:
    late = stage.add_queue("tea_on_order_paid", "0")
    assert names(watching) == [("queue-age", late)]
    sqs = stage.emulator.client("sqs")
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=late)["QueueUrl"])
    assert names(watching) == []


def test_a_queue_that_was_empty_a_minute_ago_costs_no_metric(watching: Environment, stage: Stage) -> None:
    assert names(watching) == []
    late = stage.add_queue("tea_on_order_paid", "0")
    assert names(watching) == []
    assert names(watching) == [("queue-age", late)]


def test_a_timer_that_does_not_run_any_more_is_missed_and_a_new_one_is_not(watching: Environment, stage: Stage) -> None:
    silent, new = stage.add_timer("tea_brew"), stage.add_timer("tea_pour")
    timers.note_run(watching.db, silent, watching.clock() - timedelta(minutes=4))
    assert names(watching) == [("missed-timer", silent)]
    later = watching.clock() + timedelta(minutes=4)
    watching.clock = lambda: later
    timers.note_run(watching.db, silent, later)
    assert names(watching) == [("missed-timer", new)]


def test_a_throttled_function_is_named(watching: Environment, stage: Stage) -> None:
    throttled = stage.add_throttles("tea_api", watching)
    assert ("throttles", throttled) in names(watching)


def test_a_run_reports_one_metric_and_a_line_for_each_trouble(
    watching: Environment, stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = io.StringIO()
    monkeypatch.setattr(log.logger().registered_handler, "stream", written)
    late = stage.add_queue("tea_on_order_paid", "0")
    watcher.watch_queues_and_timers(watching, watching.clock())
    [line] = [json.loads(text) for text in written.getvalue().splitlines()]
    assert (line["message"], line["page"], line["late"]) == ("late work", "queue-age", late)
    [metric] = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "LateWork" in text]
    assert metric["LateWork"] == [1.0]


def test_every_timer_notes_its_run(env: Environment) -> None:
    context: Any = Context(function_name="dumbwaiter-test-tea_brew")
    entry.timer(lambda _env, _until: None)({}, context)
    assert abs(timers.read_runs(env.db)["dumbwaiter-test-tea_brew"] - env.clock()) < timedelta(seconds=10)


def test_a_timer_that_fails_has_run(env: Environment) -> None:
    def fail(_env: Environment, _until: Any) -> None:
        raise ZeroDivisionError

    context: Any = Context(function_name="dumbwaiter-test-tea_burn")
    with pytest.raises(Exception, match="ZeroDivisionError"):
        entry.timer(fail)({}, context)
    assert "dumbwaiter-test-tea_burn" in timers.read_runs(env.db)
