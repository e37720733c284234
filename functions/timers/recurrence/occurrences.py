"""Occurrences of a job: one, or a recurrence by RFC 5545 in local time.

A local time that a day lacks is read with the offset before the gap. Of a time that a day has twice, the first counts
(RFC 5545, 3.3.5). A month without the day takes its last day.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil import rrule

Unit = Literal["day", "week", "month"]
FREQUENCIES: dict[Unit, int] = {"day": rrule.DAILY, "week": rrule.WEEKLY, "month": rrule.MONTHLY}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SHORTEST_MONTH = 28
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Recurrence:
    """Every `interval` days, weeks or months, until a day (inclusive) or for `count` occurrences.

    `weekdays` are for weeks; without them it is the weekday of the first occurrence. `last_day` is for months.
    """

    every: Unit
    interval: int = 1
    weekdays: tuple[str, ...] = ()
    last_day: bool = False
    until: date | None = None
    count: int | None = None

    def document(self) -> dict[str, Any]:
        """The fields for JSON."""
        return asdict(self) | {"weekdays": list(self.weekdays), "until": self.until and self.until.isoformat()}

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> "Recurrence":
        """From the fields of JSON."""
        until = document["until"]
        lists = {"weekdays": tuple(document["weekdays"]), "until": date.fromisoformat(until) if until else None}
        return cls(**document | lists)


@dataclass(frozen=True)
class When:
    """The first occurrence as local time without a zone, the zone, and the recurrence of later ones."""

    begins_at: datetime
    zone: str
    recurrence: Recurrence | None = None

    def next_after(self, moment: datetime) -> datetime | None:
        """The first occurrence after a moment, in UTC."""
        return next(self.after(moment), None)

    def coming(self, moment: datetime, most: int) -> list[datetime]:
        """At most so many occurrences after a moment, in UTC."""
        return list(islice(self.after(moment), most))

    def after(self, moment: datetime) -> Iterator[datetime]:
        """All occurrences after a moment, in UTC."""
        # No offset moves a local time by more than a day.
        since = moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) - DAY
        for local in self._local(since):
            occurrence = local.replace(tzinfo=ZoneInfo(self.zone), fold=0).astimezone(UTC)
            if occurrence > moment:
                yield occurrence

    def _local(self, since: datetime) -> Iterator[datetime]:
        if self.recurrence is None:
            return iter([self.begins_at])
        rule = _rule(self.begins_at, self.recurrence)
        return iter(rule.xafter(since))


def _rule(begins_at: datetime, recurrence: Recurrence) -> Any:
    until = recurrence.until and datetime.combine(recurrence.until, time.max)
    return rrule.rrule(
        FREQUENCIES[recurrence.every],
        dtstart=begins_at,
        interval=recurrence.interval,
        until=until,
        count=recurrence.count,
        **_days(begins_at, recurrence),
    )


def _days(begins_at: datetime, recurrence: Recurrence) -> dict[str, Any]:
    """The BYDAY, BYMONTHDAY and BYSETPOS of the rule."""
    if recurrence.weekdays:
        return {"byweekday": [WEEKDAYS.index(day) for day in recurrence.weekdays]}
    if recurrence.every != "month":
        return {}
    if recurrence.last_day:
        return {"bymonthday": -1}
    if begins_at.day > SHORTEST_MONTH:
        # The last of these days that the month has.
        return {"bymonthday": list(range(SHORTEST_MONTH, begins_at.day + 1)), "bysetpos": -1}
    return {"bymonthday": begins_at.day}
