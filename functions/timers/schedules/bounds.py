"""The bounds of a timer's schedule: an interval between two others, or any time of the day."""

from dataclasses import dataclass
from datetime import timedelta

from functions.timers.schedules.schedule import Daily, Interval, Schedule

# Without a bound of its own a timer may run this much more rarely. It never runs more often than its template says:
# each run costs money, and the time limit is made for the interval.
SLOWER_AT_MOST = 10


@dataclass(frozen=True)
class Bounds:
    """`fastest` and `slowest` of an interval; both None for a timer that runs daily."""

    fastest: timedelta | None
    slowest: timedelta | None

    def refusal(self, schedule: Schedule) -> str | None:
        """Why the schedule is out of bounds, or None."""
        if self.fastest is None or self.slowest is None:
            return None if isinstance(schedule, Daily) else "This timer runs daily. Choose a time of the day."
        if not isinstance(schedule, Interval):
            return "This timer runs at intervals. Choose an interval."
        if not self.fastest <= schedule.length <= self.slowest:
            return f"The interval must be between {self.fastest} and {self.slowest} (days, hours:minutes:seconds)."
        return None


def bounds_of(default: Schedule, slowest: Schedule | None) -> Bounds:
    """The bounds around the schedule of the template."""
    if isinstance(default, Daily):
        return Bounds(None, None)
    length = slowest.length if isinstance(slowest, Interval) else default.length * SLOWER_AT_MOST
    return Bounds(default.length, length)
