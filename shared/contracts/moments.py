"""Moments that callers send: with their zone, and within what ids, databases and calendars hold."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


def _utc(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise ValueError("not between 1970 and 2999")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_utc)]
