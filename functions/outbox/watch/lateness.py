"""When a queue, a timer or a function counts as late."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
RUNS_MISSED = 3
# Timers that run by the calendar run daily.
CALENDAR_PAUSE = timedelta(hours=25)
MINUTES_THROTTLED = 3


@dataclass(frozen=True)
class Lateness:
    """`page` is the page of docs/operate/alarms that says what to do; `seconds` how long it lasts."""

    page: str
    name: str
    seconds: float


def late_queues(ages: Mapping[str, float], limits: Mapping[str, float]) -> list[Lateness]:
    """Queues whose oldest message, in seconds, is older than the queue's limit."""
    return [Lateness("queue-age", name, age) for name, age in sorted(ages.items()) if age > limits[name]]


def missed_timers(schedules: Mapping[str, str], runs: Mapping[str, datetime], now: datetime) -> list[Lateness]:
    """Timers whose last run is longer ago than three of their intervals."""
    pauses = {name: now - runs[name] for name in sorted(schedules) if name in runs}
    return [
        Lateness("missed-timer", name, pause.total_seconds())
        for name, pause in pauses.items()
        if pause > longest_pause(schedules[name])
    ]


def longest_pause(schedule: str) -> timedelta:
    """How long a timer may be silent, by its rate(…) or cron(…)."""
    rate = RATE.fullmatch(schedule)
    return RUNS_MISSED * int(rate[1]) * UNITS[rate[2]] if rate else CALENDAR_PAUSE


def throttled_functions(counts: Mapping[str, Sequence[float]]) -> list[Lateness]:
    """Functions that were throttled in each of the last three minutes; counts by minute, the newest last."""
    return [
        Lateness("throttles", name, MINUTES_THROTTLED * 60.0)
        for name, minutes in sorted(counts.items())
        if _throttled(minutes[-MINUTES_THROTTLED:])
    ]


def _throttled(minutes: Sequence[float]) -> bool:
    return len(minutes) == MINUTES_THROTTLED and all(count > 0 for count in minutes)


def own_names(names: Iterable[str], prefix: str) -> list[str]:
    """The names of functions of this stage: not of stage `prod-2` for `prod`, and no queue of dead letters."""
    return sorted(name for name in names if re.fullmatch(rf"{re.escape(prefix)}[a-z]+_\w+", name))
