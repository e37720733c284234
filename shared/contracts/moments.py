"""Moments and days that callers send: with their zone, and within what ids, databases and calendars hold."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
# Python's calendar begins and ends a day before and after them, so they have a date in every time zone.
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def _utc(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError("not between 1970 and 2999")
    return moment.astimezone(UTC)


def utc_of_any(moment: datetime) -> datetime:
    """The moment in UTC, a day within the calendar at the least. Tables hold no other zone."""
    return min(max(moment, _FIRST), _LAST).astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
# A day has a beginning in every time zone, and so have the weeks around it.
Day = Annotated[date, Field(ge=EARLIEST.date(), lt=LATEST.date())]
# Of something that has happened, by a clock that may stand at the first or last day of a calendar.
AnyMoment = Annotated[AwareDatetime, AfterValidator(utc_of_any)]
