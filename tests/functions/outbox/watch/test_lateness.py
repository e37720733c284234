"""When a queue, a timer or a function counts as late."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.outbox.watch.lateness import (
    Lateness,
    late_queues,
    longest_pause,
    missed_timers,
    own_names,
    throttled_functions,
)

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def test_a_queue_is_late_beyond_its_own_limit() -> None:
    ages = {"a": 61.0, "b": 61.0, "c": 60.0}
    assert late_queues(ages, {"a": 60.0, "b": 3600.0, "c": 60.0}) == [Lateness("queue-age", "a", 61.0)]


@pytest.mark.parametrize(
    ("schedule", "pause"),
    [
        ("rate(1 minute)", timedelta(minutes=3)),
        ("rate(5 minutes)", timedelta(minutes=15)),
        ("rate(1 hour)", timedelta(hours=3)),
        ("cron(30 3 * * ? *)", timedelta(hours=25)),
    ],
)
def test_a_timer_may_miss_three_runs_or_a_day_of_the_calendar(schedule: str, pause: timedelta) -> None:
    assert longest_pause(schedule) == pause


def test_a_timer_is_missed_after_three_intervals() -> None:
    schedules = {"late": "rate(1 minute)", "fine": "rate(1 minute)", "slow": "rate(1 hour)"}
    runs = {
        "late": NOW - timedelta(seconds=181), "fine": NOW - timedelta(seconds=180), "slow": NOW - timedelta(hours=2),
        "gone": NOW - timedelta(days=9),
    }  # fmt: skip
    assert missed_timers(schedules, runs, NOW) == [Lateness("missed-timer", "late", 181.0)]


def test_throttles_of_three_minutes_on_end_count() -> None:
    counts = {"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 3.0], "c": [5.0, 5.0]}
    assert [lateness.name for lateness in throttled_functions(counts)] == ["a"]


def test_names_of_another_stage_and_of_dead_letters_are_not_own() -> None:
    names = ["dumbwaiter-prod-orders_api", "dumbwaiter-prod-2-orders_api", "dumbwaiter-prod-orders-dead", "other"]
    assert own_names(names, "dumbwaiter-prod-") == ["dumbwaiter-prod-orders_api"]
