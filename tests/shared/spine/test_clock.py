"""The business day of a sale, by the store's own clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from shared.spine.clock import business_day, utc_now


@pytest.mark.parametrize(
    ("moment", "timezone", "ends", "expected"),
    [
        # New York is five hours behind in winter: 04:00 there is 09:00 UTC.
        ("2025-01-15T08:59:59.999999", "America/New_York", "04:00", "2025-01-14"),
        ("2025-01-15T09:00:00", "America/New_York", "04:00", "2025-01-15"),
        # And four in summer.
        ("2025-07-15T07:59:59", "America/New_York", "04:00", "2025-07-14"),
        ("2025-07-15T08:00:00", "America/New_York", "04:00", "2025-07-15"),
        # A day that ends at midnight is the calendar's.
        ("2025-01-15T04:59:59", "America/New_York", "00:00", "2025-01-14"),
        ("2025-01-15T05:00:00", "America/New_York", "00:00", "2025-01-15"),
        # Shanghai is eight hours ahead all year; the same moment is another day.
        ("2025-01-14T19:59:59", "Asia/Shanghai", "04:00", "2025-01-14"),
        ("2025-01-14T20:00:00", "Asia/Shanghai", "04:00", "2025-01-15"),
        ("2025-01-14T16:00:00", "Asia/Shanghai", "00:00", "2025-01-15"),
        # Half and three quarters of an hour: 04:00 is 22:30 and 22:15 UTC.
        ("2025-01-14T22:29:00", "Asia/Kolkata", "04:00", "2025-01-14"),
        ("2025-01-14T22:30:00", "Asia/Kolkata", "04:00", "2025-01-15"),
        ("2025-01-14T22:15:00", "Asia/Kathmandu", "04:00", "2025-01-15"),
        # The clocks go back on 2025-11-02 at 02:00, so 01:30 comes twice: both belong to the evening before.
        ("2025-11-02T05:30:00", "America/New_York", "04:00", "2025-11-01"),
        ("2025-11-02T06:30:00", "America/New_York", "04:00", "2025-11-01"),
        ("2025-11-02T08:59:00", "America/New_York", "04:00", "2025-11-01"),
        ("2025-11-02T09:00:00", "America/New_York", "04:00", "2025-11-02"),
        # They go forward on 2025-03-09 at 02:00, which is never 02:30: a day that ends then ends at 03:00.
        ("2025-03-09T06:59:59", "America/New_York", "02:30", "2025-03-08"),
        ("2025-03-09T07:00:00", "America/New_York", "02:30", "2025-03-09"),
        ("2026-01-01T08:00:00", "America/New_York", "04:00", "2025-12-31"),
    ],
)
def test_a_sale_counts_for_the_day_that_has_not_ended(moment: str, timezone: str, ends: str, expected: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert business_day(at, timezone, time.fromisoformat(ends)) == date.fromisoformat(expected)


def test_now_is_aware_and_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=5)
