"""When a timer is late, hangs or fails; expected values by arithmetic on the clock."""

from datetime import UTC, datetime, time, timedelta

import pytest

from functions.timers.alerts.findings import TimerState, findings, missed_runs
from functions.timers.schedules.schedule import Daily, Interval, Schedule
from functions.timers.states import AlertKind

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTELY = Interval(1, "minute")


def found(schedule: Schedule = MINUTELY, *, paused: bool = False, **state: object) -> set[AlertKind]:
    return findings(schedule, TimerState(**{"ran_at": NOW} | state), NOW, paused=paused)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("schedule", "silent_minutes", "is_late"),
    [
        (MINUTELY, 3, False),
        (MINUTELY, 3.1, True),
        (Interval(5, "minute"), 15, False),
        (Interval(5, "minute"), 16, True),
        (Interval(1, "hour"), 181, True),
        # Daily at 3:30, 8.5 hours ago: the last run must be at 3:30 or later.
        (Daily(time(3, 30)), 8.5 * 60, False),
        (Daily(time(3, 30)), 8.5 * 60 + 1, True),
        # Daily at 11:40, 20 minutes ago: it may still begin, so that the day before counts.
        (Daily(time(11, 40)), 24 * 60, False),
        (Daily(time(11, 40)), 24 * 60 + 21, True),
    ],
)
def test_a_silent_timer_is_late(schedule: Schedule, silent_minutes: float, *, is_late: bool) -> None:
    ran_at = NOW - timedelta(minutes=silent_minutes)
    assert (AlertKind.LATE in found(schedule, ran_at=ran_at)) is is_late
    assert AlertKind.LATE not in found(schedule, ran_at=ran_at, paused=True)


def test_a_new_timer_is_not_late() -> None:
    assert found(ran_at=None) == set()


@pytest.mark.parametrize(("failures", "is_failing"), [(0, False), (2, False), (3, True), (9, True)])
def test_three_failures_in_a_row_need_a_person(failures: int, *, is_failing: bool) -> None:
    assert (AlertKind.FAILING in found(failures=failures)) is is_failing


def test_a_run_past_its_time_limit_hangs() -> None:
    assert found(hangs=True) == {AlertKind.HANGING}


@pytest.mark.parametrize(
    ("schedule", "hours", "began", "missed"),
    [
        (MINUTELY, 1, 60, 0),
        (MINUTELY, 1, 59, 0),
        (MINUTELY, 1, 49, 10),
        (Interval(1, "hour"), 24, 23, 0),
        (Interval(1, "hour"), 24, 3, 20),
        (Daily(time(3, 30)), 24, 1, 0),
        (Daily(time(3, 30)), 24, 0, 1),
        (Daily(time(11, 45)), 24, 0, 0),
    ],
)
def test_missed_runs_are_those_that_were_due_less_those_that_began(
    schedule: Schedule, hours: int, began: int, missed: int
) -> None:
    assert missed_runs(schedule, NOW - timedelta(hours=hours), NOW, began) == missed
