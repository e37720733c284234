"""When an action happened, by a device whose clock may be wrong.

A device sends the time of the action and the time of sending, both by its own clock. The second one tells how wrong the
clock is. So an action that waited off line keeps its own time, even on a phone that is 20 minutes off.
"""

from datetime import datetime, timedelta

LATEST = timedelta(days=3)
# A clock that is further off says nothing: a phone without the date makes no secure connection.
MOST_ERROR = timedelta(days=1)


def moment_of_action(
    happened_at: datetime | None, sent_at: datetime | None, received_at: datetime, earliest: datetime
) -> datetime:
    """The moment by the server's clock: never in the future, nor before `earliest`. Without a time it is now."""
    if happened_at is None:
        return received_at
    error = received_at - sent_at if sent_at else timedelta(0)
    try:
        moment = happened_at + error
    except OverflowError:  # a clock at an end of the calendar
        moment = received_at if error > timedelta(0) else earliest
    return min(max(moment, earliest, received_at - LATEST), received_at)


def error_of_clock(sent_at: datetime | None, received_at: datetime) -> timedelta:
    """How far the device's clock is behind the server's, at most a day. Negative for a clock that is fast."""
    error = received_at - sent_at if sent_at else timedelta(0)
    return error if abs(error) <= MOST_ERROR else timedelta(0)


def corrected(moment: datetime, error: timedelta) -> datetime:
    """A moment of the device by the server's clock. At an end of the calendar it stays."""
    try:
        return moment + error
    except OverflowError:
        return moment
