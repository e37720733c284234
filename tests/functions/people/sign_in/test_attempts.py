"""Attempts to sign in wait longer and longer."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.people.sign_in.attempts import (
    ACCOUNT,
    NETWORK,
    Attempts,
    Limit,
    account_subject,
    network_subject,
    one_more,
)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def waits(limit: Limit, count: int) -> list[int]:
    """The seconds after each of `count` attempts, each made when the one before allows it."""
    found, now, attempts = [], NOON, Attempts(0, NOON, None)
    for _ in range(count):
        attempts = one_more(attempts, limit, now)
        wait = attempts.wait(now)
        found.append(int(wait.total_seconds()))
        now += wait
    return found


def test_an_account_has_five_attempts_then_each_waits_twice_as_long_up_to_an_hour() -> None:
    assert waits(ACCOUNT, 13) == [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_network_has_fifty() -> None:
    assert waits(NETWORK, 51)[48:] == [0, 30, 60]


def test_the_count_begins_again_after_a_day_without_an_attempt() -> None:
    attempts = Attempts(40, NOON, NOON + timedelta(hours=1))
    assert one_more(attempts, ACCOUNT, NOON + timedelta(days=1)) == Attempts(1, NOON + timedelta(days=1), None)
    assert one_more(attempts, ACCOUNT, NOON + timedelta(hours=23)).failures == 41


def test_a_million_attempts_overflow_nothing() -> None:
    assert one_more(Attempts(1_000_000, NOON, None), ACCOUNT, NOON).wait(NOON) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_an_ipv6_network_counts_as_one(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (network_subject(one) == network_subject(other)) == same


def test_an_account_and_a_network_of_one_text_are_two() -> None:
    assert account_subject("203.0.113.7") != network_subject("203.0.113.7")
