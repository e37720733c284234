"""The time of an action by a device whose clock may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.delivery.life.device_time import corrected, error_of_clock, moment_of_action

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
CREATED = NOW - timedelta(hours=2)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("happened", "sent", "expected"),
    [
        (None, None, NOW),
        # A phone that is 20 minutes fast, 10 minutes off line: 12:10 to 12:20 by its clock.
        (NOW + 10 * MINUTE, NOW + 20 * MINUTE, NOW - 10 * MINUTE),
        # The same, 20 minutes slow.
        (NOW - 30 * MINUTE, NOW - 20 * MINUTE, NOW - 10 * MINUTE),
        # Without the time of sending: the future is now, the time before the delivery is its begin.
        (NOW + 5 * MINUTE, None, NOW),
        (NOW - 600 * MINUTE, None, CREATED),
    ],
)
def test_the_time_of_sending_corrects_the_clock(
    happened: datetime | None, sent: datetime | None, expected: datetime
) -> None:
    assert moment_of_action(happened, sent, NOW, CREATED) == expected


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (None, 0 * MINUTE),
        (NOW + 20 * MINUTE, -20 * MINUTE),
        (NOW - 20 * MINUTE, 20 * MINUTE),
        # A clock that is more than a day off says nothing.
        (NOW - timedelta(days=1, seconds=1), 0 * MINUTE),
        (datetime.min.replace(tzinfo=UTC), 0 * MINUTE),
    ],
)
def test_the_error_of_a_clock_is_at_most_a_day(sent: datetime | None, error: timedelta) -> None:
    assert error_of_clock(sent, NOW) == error


def test_a_moment_at_an_end_of_the_calendar_stays() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert corrected(last, MINUTE) == last
    assert corrected(NOW, -MINUTE) == NOW - MINUTE
