"""Tags that expire get the value of the day, and a failure stops only its own chain and tag."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.members.calculator import chain_rules
from functions.members.recalculation import expiry
from functions.members.recalculation.expiry import expire_tags
from tests.support.members import (
    ANNA,
    BEN,
    CHAIN,
    EVER,
    NOON,
    ZED,
    Town,
    an_order,
    at,
    bought,
    paid,
    tell,
)


def test_a_tag_expires_at_the_chain_s_midnight_and_nobody_else_is_looked_at(town: Town) -> None:
    town.run("INSERT INTO tag_settings VALUES (%s, %s)", (CHAIN, '{"timezone": "Asia/Shanghai"}'))
    bought(town, "anna", 0)
    bought(town, "ben", 3)
    [(expires_at,)] = town.run("SELECT expires_at FROM member_tags WHERE member_id = %s AND tag = 'recency'", (ANNA,))
    # A gap of 8 days is `month`: 9 March begins in Shanghai at 16:00 UTC on the 8th.
    assert expires_at == datetime(2024, 3, 8, 16)  # noqa: DTZ001 - as columns have it
    with at(town.env, datetime(2024, 3, 8, 15, 59, tzinfo=UTC)):
        assert town.expire() == 1  # Ben
    assert (town.tags()[ANNA, "recency"], town.tags()[BEN, "recency"]) == ("week", "month")
    with at(town.env, datetime(2024, 3, 8, 16, 0, 1, tzinfo=UTC)):
        assert town.expire() == 1
        assert town.expire() == 0
    assert town.tags()[ANNA, "recency"] == "month"


def test_what_is_due_of_somebody_who_is_gone_is_taken_away(town: Town) -> None:
    bought(town, "anna", 0)
    town.run("DELETE FROM member_facts")
    with at(town.env, NOON + timedelta(days=3_650)):
        town.expire()
        town.announce()
    assert (ANNA, "recency") not in town.tags()
    assert town.expire() == 0


def test_what_a_slow_expiry_has_left_out_is_not_taken_away(town: Town, slow: Any) -> None:
    bought(town, "anna", 0)
    town.run("UPDATE member_tags SET expires_at = %s WHERE tag = 'item'", (NOON,))
    slow(lambda env: expire_tags(env, EVER), lambda: tell([paid(an_order("anna", NOON))]))
    assert town.tags()[ANNA, "item"] == "pizza"


@pytest.mark.usefixtures("broken_tier")
def test_a_tag_that_throws_when_time_has_come_holds_up_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 0)
    town.run("UPDATE member_tags SET expires_at = %s WHERE tag = 'tier'", (NOON,))
    monkeypatch.setattr(expiry, "DUE_AT_ONCE", 1)
    for days, recency in ((9, "month"), (200, "older")):
        with at(town.env, NOON + timedelta(days=days)), pytest.raises(ZeroDivisionError):
            town.expire()
        assert (town.tags()[ANNA, "recency"], town.tags()[ANNA, "tier"]) == (recency, "bronze")


@pytest.fixture
def unreadable_settings(town: Town) -> None:
    """Of the first chain."""
    bought(town, "anna", 0)
    bought(town, "zed", 0, chain="other")
    chain_rules.rules_cache.clear(town.env)
    town.run("INSERT INTO tag_settings VALUES (%s, %s)", (CHAIN, '{"timezone": "Mars/Olympus"}'))


@pytest.mark.usefixtures("unreadable_settings")
@pytest.mark.parametrize("at_once", [1, 500])
def test_tags_of_a_chain_whose_settings_are_unreadable_expire_for_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("functions.members.recalculation.expiry.DUE_AT_ONCE", at_once)
    with at(town.env, NOON + timedelta(days=9)), pytest.raises(Exception, match="Mars"):
        expire_tags(town.env, EVER)
    assert (town.tags()[ANNA, "recency"], town.tags()[ZED, "recency"]) == ("week", "month")
