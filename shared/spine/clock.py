"""Time: aware UTC datetimes from one source, and the business day of a store."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import lru_cache
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    """The present, aware, in UTC, to the microsecond MySQL keeps."""
    return datetime.fromtimestamp(time.time(), UTC)


def midnight_of(day: date) -> datetime:
    """The first moment of a day in UTC."""
    return datetime.combine(day, time_of_day(), UTC)


# An order asks for the day of one moment several times.
@lru_cache(maxsize=256)
def business_day(moment: datetime, timezone: str, day_ends_at: time_of_day) -> date:
    """The day that `moment` counts for in a store whose day ends at `day_ends_at` of the next calendar day.

    A sale at 00:30 belongs to the day before where the day ends at 04:00. The wall clock decides, so a night on
    which the clocks change needs no special case.
    """
    local = moment.astimezone(ZoneInfo(timezone))
    before_closing = local.time() < day_ends_at
    return local.date() - timedelta(days=before_closing)
