"""The reasons for an alert: a timer is late, its last run hangs, or it failed three times in a row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.timers.schedules.schedule import Daily, Schedule
from functions.timers.states import AlertKind

FAILURES_IN_A_ROW = 3
INTERVALS_MISSED = 3
# A daily timer begins within some minutes of its time.
DAILY_GRACE = timedelta(minutes=30)


@dataclass(frozen=True)
class TimerState:
    """The state of a timer, by its runs. `ran_at` is the end of the last run that ended; None for a new timer.

    `failures` counts the runs in a row that did not succeed. `hangs`: the last run passed its time limit.
    """

    ran_at: datetime | None = None
    failures: int = 0
    hangs: bool = False


def findings(schedule: Schedule, state: TimerState, now: datetime, *, paused: bool) -> set[AlertKind]:
    """All that is wrong. A paused timer is never late."""
    wrong = {
        AlertKind.LATE: not paused and state.ran_at is not None and is_late(schedule, state.ran_at, now),
        AlertKind.HANGING: state.hangs,
        AlertKind.FAILING: state.failures >= FAILURES_IN_A_ROW,
    }
    return {kind for kind, is_wrong in wrong.items() if is_wrong}


def is_late(schedule: Schedule, ran_at: datetime, now: datetime) -> bool:
    """Whether the timer has missed three intervals, or its time of the day by half an hour."""
    if isinstance(schedule, Daily):
        return ran_at < schedule.last_until(now - DAILY_GRACE)
    return now - ran_at > INTERVALS_MISSED * schedule.length


def missed_runs(schedule: Schedule, since: datetime, now: datetime, began: int) -> int:
    """How many runs are missing between two moments, when `began` of them began. One may be on its way."""
    if isinstance(schedule, Daily):
        due, moment = 0, since
        while (moment := schedule.next_after(moment)) <= now - DAILY_GRACE:
            due += 1
        return max(0, due - began)
    return max(0, int((now - since) / schedule.length) - 1 - began)
