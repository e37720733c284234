"""Quiet hours by the outlet's clock. Expected moments are computed by hand from the zones' rules."""

from datetime import UTC, datetime

import pytest

from functions.outlets.rules.quiet import allowed_at
from functions.outlets.rules.settings import Rules

RULES = Rules(quiet_from="22:00", quiet_until="08:00")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("zone", "moment", "expected"),
    [
        # Shanghai is UTC+8: 21:59 there is not quiet, 22:00 is, 08:00 is not.
        ("Asia/Shanghai", at(2026, 11, 30, 13, 59), at(2026, 11, 30, 13, 59)),
        ("Asia/Shanghai", at(2026, 11, 30, 14, 0), at(2026, 12, 1, 0, 0)),
        ("Asia/Shanghai", at(2026, 11, 30, 23, 59), at(2026, 12, 1, 0, 0)),
        # New York sets its clock back on 2026-11-01 at 02:00: 08:00 is 12:00 UTC before that day, 13:00 UTC after it.
        ("America/New_York", at(2026, 11, 1, 3, 0), at(2026, 11, 1, 13, 0)),
        # And forward on 2026-03-08.
        ("America/New_York", at(2026, 3, 8, 4, 0), at(2026, 3, 8, 12, 0)),
    ],
)
def test_an_announcement_waits_for_the_end_of_the_night(zone: str, moment: datetime, expected: datetime) -> None:
    assert allowed_at(RULES, zone, moment) == expected


def test_a_holiday_is_quiet_as_a_whole() -> None:
    rules = Rules(quiet_from=None, quiet_until=None, holidays=["2026-10-01", "2026-10-02"])
    assert allowed_at(rules, "Asia/Shanghai", at(2026, 10, 1, 4)) == at(2026, 10, 2, 16)


def test_without_quiet_hours_any_moment_is_good() -> None:
    rules = Rules(quiet_from=None)
    assert allowed_at(rules, "Asia/Shanghai", at(2026, 10, 1, 20)) == at(2026, 10, 1, 20)
