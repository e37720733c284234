"""The time of an action by a device whose clock may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.delivery.life.device_time import moment_of_action

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
