"""Next runs and rules, against EventBridge's own cron in the emulator and against a clock that is read each minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import eventbridge

from functions.timers.schedules.bounds import bounds_of
from functions.timers.schedules.schedule import Daily, Interval, next_run, parse_schedule, rule_expression
from functions.timers.schedules.words import Words, words_of

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("rate(1 minute)", Interval(1, "minute")),
        ("rate(12 hours)", Interval(12, "hour")),
        ("rate(1 day)", Interval(1, "day")),
        ("cron(30 3 * * ? *)", Daily(time(3, 30))),
        ("daily(05:30 Asia/Shanghai)", Daily(time(5, 30), "Asia/Shanghai")),
    ],
)
def test_a_schedule_is_read(text: str, schedule: object) -> None:
    assert parse_schedule(text) == schedule


@pytest.mark.parametrize("text", ["", "rate(1 week)", "cron(0 3 ? * MON *)", "daily(5:30 UTC)", "rate(1 minute);"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no schedule"):
        parse_schedule(text)


@pytest.mark.parametrize("text", ["rate(1 minute)", "rate(3 hours)", "daily(05:30 Asia/Shanghai)"])
def test_a_stored_schedule_is_read_again(text: str) -> None:
    assert str(parse_schedule(text)) == text


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOON + MINUTE * minutes),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_the_next_run_by_utc_is_that_of_the_emulator(now: datetime, hour: int, minute: int) -> None:
    fields = eventbridge._parse_cron_fields(f"cron({minute} {hour} * * ? *)")
    oracle = eventbridge._cron_next_fire(fields, now.replace(second=0, microsecond=0))
    assert Daily(time(hour, minute)).next_after(now) == oracle


def local_runs(at: time, zone: str, first: datetime, days: int) -> list[datetime]:
    """By a clock on the wall that is read each minute: on each date the first minute that shows the time.

    On a date that lacks the time it runs as long after midnight as it would without the gap (RFC 5545, 3.3.5).
    """
    runs: dict[date, datetime] = {}
    dates: list[date] = []
    moment = first
    while moment < first + timedelta(days=days):
        wall = moment.astimezone(ZoneInfo(zone))
        if wall.date() not in dates:
            dates.append(wall.date())
        if (wall.hour, wall.minute) == (at.hour, at.minute):
            runs.setdefault(wall.date(), moment)
        moment += MINUTE
    for day in dates[1:-1]:
        if day not in runs:
            midnight = next(m for m in minutes(first, days) if m.astimezone(ZoneInfo(zone)).date() == day)
            runs[day] = midnight + timedelta(hours=at.hour, minutes=at.minute)
    return sorted(runs.values())


def minutes(first: datetime, days: int) -> list[datetime]:
    return [first + MINUTE * number for number in range(days * 24 * 60)]


# The clocks change in New York on 8 March and 1 November 2026 at 2:00, in Berlin on 29 March and 25 October, on Lord
# Howe Island by half an hour on 5 April and 4 October, and in Shanghai never.
CHANGES = [
    ("America/New_York", datetime(2026, 3, 6, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 30, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 27, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 23, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 3, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 2, tzinfo=UTC)),
    ("Asia/Shanghai", datetime(2026, 10, 2, tzinfo=UTC)),
]
TIMES = [time(0, 0), time(1, 30), time(2, 0), time(2, 15), time(2, 30), time(3, 0), time(9, 0), time(23, 59)]


@pytest.mark.parametrize(("zone", "first"), CHANGES)
@pytest.mark.parametrize("at", TIMES)
def test_a_rule_that_is_kept_each_minute_runs_once_a_day_at_the_local_time(
    zone: str, first: datetime, at: time
) -> None:
    """The emulator's cron decides whether the rule runs; the keeper looks at the rule after each minute."""
    days, schedule = 5, Daily(at, zone)
    expression, ran = rule_expression(schedule, first - timedelta(seconds=20)), []
    for moment in minutes(first, days):
        fields = eventbridge._parse_cron_fields(expression)
        if eventbridge._cron_next_fire(fields, moment - MINUTE) == moment:
            ran.append(moment)
        expression = rule_expression(schedule, moment + timedelta(seconds=20))
    assert ran == local_runs(at, zone, first, days)


def test_the_oracle_of_the_wall_clock_knows_new_york() -> None:
    """By hand: EST is 5 hours behind UTC, EDT 4. 8 March has no 2:30, so it is 2.5 hours after midnight EST."""
    runs = local_runs(time(2, 30), "America/New_York", datetime(2026, 3, 6, tzinfo=UTC), 5)
    assert [(run.day, run.hour, run.minute) for run in runs] == [
        (6, 7, 30), (7, 7, 30), (8, 7, 30), (9, 6, 30), (10, 6, 30),
    ]  # fmt: skip


def test_an_interval_runs_next_after_its_length() -> None:
    assert next_run(Interval(5, "minute"), NOON - 2 * MINUTE, NOON) == NOON + 3 * MINUTE
    assert next_run(Interval(5, "minute"), NOON - 20 * MINUTE, NOON) == NOON
    assert next_run(Interval(5, "minute"), None, NOON) == NOON + 5 * MINUTE


@pytest.mark.parametrize(
    ("schedule", "zone", "words"),
    [
        (Interval(5, "minute"), "Asia/Shanghai", Words("every_minutes", count=5)),
        (Interval(1, "hour"), "UTC", Words("every_hours", count=1)),
        (Interval(2, "day"), "UTC", Words("every_days", count=2)),
        (Daily(time(3, 30)), "Asia/Shanghai", Words("daily_at", time="11:30")),
        (Daily(time(3, 30)), "Europe/Berlin", Words("daily_at", time="04:30")),
        (Daily(time(5, 30), "Asia/Shanghai"), "America/New_York", Words("daily_at", time="16:30")),
    ],
)
def test_a_schedule_has_words_in_a_zone(schedule: object, zone: str, words: Words) -> None:
    assert words_of(schedule, zone, NOON) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("default", "slowest", "schedule", "is_allowed"),
    [
        (Interval(1, "minute"), None, Interval(1, "minute"), True),
        (Interval(1, "minute"), None, Interval(10, "minute"), True),
        (Interval(1, "minute"), None, Interval(11, "minute"), False),
        (Interval(1, "hour"), None, Interval(59, "minute"), False),
        (Interval(1, "hour"), None, Interval(10, "hour"), True),
        (Interval(1, "minute"), Interval(2, "minute"), Interval(3, "minute"), False),
        (Interval(1, "minute"), None, Daily(time(3)), False),
        (Daily(time(3)), None, Daily(time(23, 59), "Asia/Shanghai"), True),
        (Daily(time(3)), None, Interval(1, "day"), False),
    ],
)
def test_a_schedule_may_be_slower_but_never_faster_than_its_template(
    default: Interval | Daily, slowest: Interval | None, schedule: Interval | Daily, *, is_allowed: bool
) -> None:
    assert (bounds_of(default, slowest).refusal(schedule) is None) is is_allowed
