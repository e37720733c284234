"""A schedule: an interval, a time of the day by UTC, or a time of the day in a zone.

EventBridge knows the first two. A time in a zone is a daily cron expression of EventBridge that changes with the zone's
offset. A time that a day lacks is read with the offset before the gap, as RFC 5545 (3.3.5) says.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\d+) (\d+) \* \* \? \*\)")
_LOCAL = re.compile(r"daily\((\d\d):(\d\d) ([A-Za-z0-9_+/-]+)\)")
UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Interval:
    """Every `count` minutes, hours or days."""

    count: int
    unit: str

    @property
    def length(self) -> timedelta:
        """The time between two runs."""
        return self.count * UNITS[self.unit]

    def __str__(self) -> str:
        return f"rate({self.count} {self.unit}{'' if self.count == 1 else 's'})"


@dataclass(frozen=True)
class Daily:
    """Each day at this time of the zone."""

    at: time
    zone: str = "UTC"

    def __str__(self) -> str:
        return f"daily({self.at:%H:%M} {self.zone})"

    def next_after(self, moment: datetime) -> datetime:
        """The first run after the moment, in UTC."""
        day = moment.astimezone(ZoneInfo(self.zone)).date() - DAY
        while (run := self._on(day)) <= moment:
            day += DAY
        return run

    def last_until(self, moment: datetime) -> datetime:
        """The last run at the moment or before it, in UTC."""
        day = moment.astimezone(ZoneInfo(self.zone)).date() + DAY
        while (run := self._on(day)) > moment:
            day -= DAY
        return run

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC)


Schedule = Interval | Daily


def parse_schedule(text: str) -> Schedule:
    """From `rate(5 minutes)`, `cron(30 3 * * ? *)` (by UTC) or `daily(05:30 Asia/Shanghai)`. Raises ValueError."""
    if rate := _RATE.fullmatch(text):
        return Interval(int(rate[1]), rate[2])
    if cron := _CRON.fullmatch(text):
        return Daily(time(int(cron[2]), int(cron[1])))
    if local := _LOCAL.fullmatch(text):
        return Daily(time(int(local[1]), int(local[2])), local[3])
    raise ValueError(
        f"{text!r} is no schedule: write rate(5 minutes), cron(30 3 * * ? *) or daily(05:30 Asia/Shanghai)"
    )


def rule_expression(schedule: Schedule, now: datetime) -> str:
    """The expression with which EventBridge's next run is the schedule's next run.

    Where the clocks go back, the time by UTC becomes later. If the rule changed at once after a run, it would run a
    second time on that day. So it changes only when the later time of the day has passed.
    """
    if isinstance(schedule, Interval):
        return str(schedule)
    coming = schedule.next_after(now)
    if Daily(coming.time()).next_after(now) == coming:
        return _cron(coming)
    return _cron(schedule.last_until(now))


def _cron(moment: datetime) -> str:
    return f"cron({moment.minute} {moment.hour} * * ? *)"


def next_run(schedule: Schedule, ran_at: datetime | None, now: datetime) -> datetime:
    """When the timer runs next; of an interval about then, since EventBridge does not tell from when it counts."""
    if isinstance(schedule, Daily):
        return schedule.next_after(now)
    return max(now, ran_at + schedule.length) if ran_at else now + schedule.length
