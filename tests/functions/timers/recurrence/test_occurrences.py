"""Occurrences against a calendar that is walked day by day, and a wall clock that is read each minute."""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.timers.recurrence.occurrences import WEEKDAYS, Recurrence, When

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
EARLY = datetime(2020, 1, 1, tzinfo=UTC)
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - a time on the wall


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# The oracle: it knows no recurrence rule, only the calendar.


def days(first: date, recurrence: Recurrence) -> Iterator[date]:
    """Each date from the first on, kept where the recurrence holds by arithmetic on the calendar."""
    names, monday = recurrence.weekdays or (WEEKDAYS[first.weekday()],), first - first.weekday() * DAY
    day, found = first, 0
    while day < first + 10 * 366 * DAY:
        months = (day.year - first.year) * 12 + day.month - first.month
        length = calendar.monthrange(day.year, day.month)[1]
        holds = {
            "day": (day - first).days % recurrence.interval == 0,
            "week": (day - monday).days // 7 % recurrence.interval == 0 and WEEKDAYS[day.weekday()] in names,
            "month": months % recurrence.interval == 0
            and day.day == (length if recurrence.last_day else min(first.day, length)),
        }[recurrence.every]
        if holds and not (recurrence.until and day > recurrence.until):
            found += 1
            if recurrence.count and found > recurrence.count:
                return
            yield day
        day += DAY


RECURRENCES = st.one_of(
    st.builds(Recurrence, st.just("day"), interval=st.integers(1, 9)),
    st.builds(
        Recurrence,
        st.just("week"),
        interval=st.integers(1, 4),
        weekdays=st.sets(st.sampled_from(WEEKDAYS)).map(lambda names: tuple(sorted(names, key=WEEKDAYS.index))),
    ),
    st.builds(Recurrence, st.just("month"), interval=st.integers(1, 5), last_day=st.booleans()),
    st.builds(Recurrence, st.just("month"), count=st.integers(1, 9)),
    st.builds(Recurrence, st.just("day"), until=st.dates(date(2026, 1, 1), date(2028, 1, 1))),
)


@given(st.integers(0, 800), RECURRENCES)
def test_days_are_those_of_a_calendar_that_is_walked(offset: int, recurrence: Recurrence) -> None:
    begins_at = NAIVE + offset * DAY + timedelta(hours=9)
    found = When(begins_at, "UTC", recurrence).coming(EARLY, 20)
    expected = [day for _, day in zip(range(20), days(begins_at.date(), recurrence), strict=False)]
    assert [moment.date() for moment in found] == expected
    assert {moment.time() for moment in found} <= {time(9)}


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        (Recurrence("month"), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        (Recurrence("month", last_day=True), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        (Recurrence("month", interval=25), ["2026-01-31", "2028-02-29", "2030-03-31", "2032-04-30", "2034-05-31"]),
        (Recurrence("week", weekdays=("mon", "fri")), [f"2026-02-{day:02}" for day in (2, 6, 9, 13, 16)]),
        (Recurrence("day", count=2), ["2026-01-31", "2026-02-01"]),
        (Recurrence("day", until=date(2026, 2, 1)), ["2026-01-31", "2026-02-01"]),
        (None, ["2026-01-31"]),
    ],
)
def test_month_ends_and_weeks_by_hand(recurrence: Recurrence | None, expected: list[str]) -> None:
    """31 January 2026 is a Saturday."""
    found = When(datetime(2026, 1, 31, 9), "Asia/Shanghai", recurrence).coming(EARLY, 5)  # noqa: DTZ001
    assert [moment.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat() for moment in found] == expected
    assert all(moment.hour == 1 for moment in found)  # 9:00 in China is 1:00 by UTC


# The clocks change in New York on 8 March and 1 November 2026 at 2:00, in Berlin on 29 March and 25 October, on Lord
# Howe Island by half an hour on 5 April and 4 October.
CHANGES = [
    ("America/New_York", date(2026, 3, 6)),
    ("America/New_York", date(2026, 10, 30)),
    ("Europe/Berlin", date(2026, 3, 27)),
    ("Europe/Berlin", date(2026, 10, 23)),
    ("Australia/Lord_Howe", date(2026, 4, 3)),
    ("Australia/Lord_Howe", date(2026, 10, 2)),
]


def on_the_wall(zone: str, day: date, wall: time) -> datetime:
    """The first minute of the date that shows the time; else as long after midnight as without the gap."""
    first = datetime.combine(day - DAY, time(0), UTC)
    minutes = [first + number * MINUTE for number in range(3 * 24 * 60)]
    of_day = [moment for moment in minutes if moment.astimezone(ZoneInfo(zone)).date() == day]
    shown = [moment for moment in of_day if moment.astimezone(ZoneInfo(zone)).time() == wall]
    return shown[0] if shown else of_day[0] + timedelta(hours=wall.hour, minutes=wall.minute)


@pytest.mark.parametrize(("zone", "first"), CHANGES)
@pytest.mark.parametrize("wall", [time(0), time(1, 30), time(2), time(2, 30), time(3), time(9), time(23, 59)])
def test_a_daily_job_keeps_its_local_time_when_the_clocks_change(zone: str, first: date, wall: time) -> None:
    when = When(datetime.combine(first, wall), zone, Recurrence("day"))
    assert when.coming(EARLY, 5) == [on_the_wall(zone, first + number * DAY, wall) for number in range(5)]


def test_the_wall_clock_by_hand() -> None:
    """2:30 on 8 March does not exist in New York: 2.5 hours after midnight EST (UTC-5) is 7:30 UTC. 1:30 on 1 November
    comes twice: the first is EDT (UTC-4).
    """
    assert on_the_wall("America/New_York", date(2026, 3, 8), time(2, 30)) == at("2026-03-08T07:30:00+00:00")
    assert on_the_wall("America/New_York", date(2026, 11, 1), time(1, 30)) == at("2026-11-01T05:30:00+00:00")


@given(RECURRENCES, st.integers(0, 400 * 24 * 60), st.sampled_from([zone for zone, _ in CHANGES]))
def test_the_next_occurrence_is_the_first_after_a_moment(recurrence: Recurrence, minutes: int, zone: str) -> None:
    when, moment = When(NAIVE, zone, recurrence), at("2026-01-01T00:00:00+00:00") + minutes * MINUTE
    later = [occurrence for occurrence in when.coming(EARLY, 450) if occurrence > moment]
    assert when.next_after(moment) == (later[0] if later else None)


@given(RECURRENCES)
def test_a_stored_recurrence_is_read_again(recurrence: Recurrence) -> None:
    assert Recurrence.of_document(recurrence.document()) == recurrence
