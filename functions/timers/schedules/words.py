"""A schedule as a code with parameters, which a page puts into words of its language."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from functions.timers.schedules.schedule import Interval, Schedule


@dataclass(frozen=True)
class Words:
    """`every_minutes`, `every_hours` and `every_days` have `count`; `daily_at` has `time` (HH:MM) in the zone."""

    code: str
    count: int | None = None
    time: str | None = None


def words_of(schedule: Schedule, zone: str, now: datetime) -> Words:
    """The words in a zone. The time is that of the next run, since a time by UTC moves when the clocks change."""
    if isinstance(schedule, Interval):
        return Words(f"every_{schedule.unit}s", count=schedule.count)
    return Words("daily_at", time=f"{schedule.next_after(now).astimezone(ZoneInfo(zone)):%H:%M}")
