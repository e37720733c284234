"""When a guest gets a push: opt-out, caps, quiet hours over midnight and a change of the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from functions.outlets.guests.rules import Decision, Quiet, Rule, Trigger, Verdict, decide, quiet_until

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NIGHT = Quiet(time(22), time(8), SHANGHAI)
NOON = datetime(2026, 11, 30, 12, tzinfo=SHANGHAI)
TAG = Rule(Trigger.TAG_CHANGED, "t1", useless_after=timedelta(days=1))
READY = Rule(Trigger.ORDER_READY, "t2")


def test_an_opted_out_guest_gets_nothing() -> None:
    for rule in (TAG, READY):
        assert decide(rule, NOON, NOON, [], None, opted_out=True).verdict is Verdict.DROP


def test_an_order_that_is_ready_ignores_quiet_hours_and_an_old_one_is_useless() -> None:
    night = NOON.replace(hour=23)
    assert decide(READY, night, night, [night] * 9, NIGHT, opted_out=False).verdict is Verdict.SEND
    late = night + timedelta(hours=1, seconds=1)
    assert decide(READY, night, late, [], NIGHT, opted_out=False) == Decision(Verdict.DROP, "too_old")


def test_a_cap_counts_a_sliding_period() -> None:
    for age, verdict in ((timedelta(days=7), Verdict.SEND), (timedelta(days=7, seconds=-1), Verdict.DROP)):
        assert decide(TAG, NOON, NOON, [NOON - age], NIGHT, opted_out=False).verdict is verdict


@pytest.mark.parametrize(
    ("hour", "day", "until"), [(21, 30, None), (22, 30, (1, 8)), (23, 30, (1, 8)), (3, 30, (30, 8)), (8, 30, None)]
)
def test_quiet_hours_over_midnight(hour: int, day: int, until: tuple[int, int] | None) -> None:
    now = datetime(2026, 11, day, hour, tzinfo=SHANGHAI)
    month = 12 if until and until[0] == 1 else 11
    expected = datetime(2026, month, *until, tzinfo=SHANGHAI) if until else None
    assert quiet_until(NIGHT, now.astimezone(UTC)) == expected


def test_advertising_waits_for_the_morning_or_is_dropped() -> None:
    night = NOON.replace(hour=23)
    decision = decide(TAG, night, night, [], NIGHT, opted_out=False)
    assert decision == Decision(Verdict.WAIT, "quiet_hours", datetime(2026, 12, 1, 8, tzinfo=SHANGHAI))
    short = Rule(Trigger.TAG_CHANGED, "t1", useless_after=timedelta(hours=2))
    assert decide(short, night, night, [], NIGHT, opted_out=False).verdict is Verdict.DROP


def test_quiet_hours_end_at_their_time_of_day_when_the_clock_changes_beszel_1825() -> None:
    quiet = Quiet(time(22), time(8), BERLIN)
    spring = datetime(2026, 3, 28, 23, tzinfo=BERLIN)
    autumn = datetime(2026, 10, 24, 23, tzinfo=BERLIN)
    assert quiet_until(quiet, spring.astimezone(UTC)) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert quiet_until(quiet, autumn.astimezone(UTC)) == datetime(2026, 10, 25, 7, tzinfo=UTC)
