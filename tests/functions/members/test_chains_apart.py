"""Chains that know nothing of one another; and where one meets a bug, members' timers do the work of every other."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.members import api
from functions.members.announce_tags import announce_tags
from functions.members.backfill_tags import backfill_tags
from functions.members.calculator import chain_rules
from functions.members.expire_tags import expire_tags
from functions.members.recalculation import backfills
from functions.members.recalculation.backfills import start_backfill
from functions.members.segments import tag_changes
from functions.members.tables.bitmaps import lock_bitmaps
from functions.members.tables.tag_changes import FIRST_WAITING, read_waiting_changes
from functions.members.tables.tags import FIRST_EXPIRED, read_expired_tags
from functions.members.tags.registry import TAGS
from shared.contracts.ids import member_id
from shared.spine.db import Transaction
from tests.functions.members.kit import CHAIN, Town, an_order, at, paid, tell
from tests.functions.members.test_time import ANNA, EVER, NOON, bought, forget, merge, opt_out
from tests.support.orders import Caller, new_key

ZED = member_id("other", "zed")


# Two chains that both have a store `main`


def test_an_order_s_hour_and_city_are_those_of_its_own_chain_s_store(town: Town) -> None:
    town.open_store("main", "上海", "Asia/Shanghai")
    town.open_store("main", "Lima", "America/Lima", chain="other")
    tell([paid(an_order("anna", NOON, store="main")), paid(an_order("zed", NOON, store="main", chain="other"))])
    habits = {member: json.loads(facts[1]) for member, facts in town.facts().items()}
    # Noon of UTC: 20:00 in Shanghai, 07:00 in Lima.
    assert (habits[ANNA]["hour"], habits[ANNA]["city"], habits[ANNA]["store"]) == ({"20": 1}, {"上海": 1}, {"main": 1})
    assert (habits[ZED]["hour"], habits[ZED]["city"], habits[ZED]["store"]) == ({"7": 1}, {"Lima": 1}, {"main": 1})
    stores = town.run("SELECT store_id FROM messages WHERE type = 'member.purchased' ORDER BY store_id")
    assert stores == [("demo:main",), ("other:main",)]


def test_a_member_is_first_seen_in_a_store_of_its_own_chain(town: Town) -> None:
    town.open_store("north", chain="other")
    key = new_key(town.env, town.url, ["members:write"])
    members = Caller(api.handler, key)
    refused = members("PUT", "/v1/members/anna?chain=demo", {"store": "north"})
    assert (refused.status, [fault["code"] for fault in refused.json["errors"]]) == (422, ["unknown_store"])
    assert members("PUT", "/v1/members/anna?chain=demo", {"store": "s1"}).json["first_store"] == "s1"


# A chain whose data meets a bug


def announced(town: Town) -> set[str]:
    """Members whose first tag has been announced."""
    return {member for (member,) in town.run("SELECT member_id FROM member_tags WHERE announced <> ''")}


@pytest.mark.parametrize("leave", [opt_out, forget, lambda town: merge(town, "anna", "ben")])
def test_tags_that_are_taken_away_before_the_first_announcement_hold_up_no_chain(
    town: Town, leave: Callable[[Town], None]
) -> None:
    bought(town, "anna", 0)
    if leave not in (opt_out, forget):
        bought(town, "ben", 0)
    bought(town, "zed", 0, chain="other")
    with at(town.env, NOON):
        if leave not in (opt_out, forget):
            opt_out(town, "ben")
        leave(town)
        announce_tags(town.env, EVER)
    assert announced(town) == {ZED}
    assert town.run("SELECT COUNT(*) FROM member_tags WHERE changed_at IS NOT NULL") == [(0,)]


def test_a_chain_that_cannot_be_announced_holds_up_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 0)
    bought(town, "zed", 0, chain="other")
    monkeypatch.setattr("functions.members.segments.tag_changes.CHANGES_AT_ONCE", 3)

    def broken(transaction: Any, chain: str, keys: Any) -> Any:
        return 1 / 0 if chain == CHAIN else lock_bitmaps(transaction, chain, keys)

    with monkeypatch.context() as patch, at(town.env, NOON):
        patch.setattr(tag_changes, "lock_bitmaps", broken)
        with pytest.raises(ZeroDivisionError):
            announce_tags(town.env, EVER)
    assert announced(town) == {ZED}
    with at(town.env, NOON):
        announce_tags(town.env, EVER)
    assert announced(town) == {ANNA, ZED}


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


def test_a_chain_whose_new_definitions_cannot_be_noted_holds_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(town, "anna", 0)
    bought(town, "zed", 0, chain="other")

    def broken(transaction: Any, chain: str, *rest: Any) -> str:
        return str(1 / 0) if chain == CHAIN else start_backfill(transaction, chain, *rest)

    monkeypatch.setattr(backfills, "start_backfill", broken)
    with at(town.env, NOON), pytest.raises(ZeroDivisionError):
        backfill_tags(town.env, EVER)
    assert town.run("SELECT DISTINCT chain_id FROM tag_versions") == [("other",)]
    assert town.run("SELECT chain_id, tags FROM tag_backfills") == [("other", " ".join(sorted(TAGS)))]


@pytest.mark.parametrize("column", ["changed_at", "expires_at"])
def test_a_page_of_what_waits_reads_no_more_rows_than_it_has(town: Town, column: str) -> None:
    """Also of many that have the same moment, as a chain's midnight is, and that stay because their chain fails."""
    moment, tags = datetime(2024, 2, 1), ("city", "item", "recency", "tier")  # noqa: DTZ001 - as columns have it
    ids = [f"{number:026}" for number in range(1_000)]
    with town.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO members (id, chain_id, number, profiling, marketing, enrolled_at, last_sequence)"
            " VALUES (%s, 'demo', %s, 1, 0, %s, 0)",
            [(each, number, moment) for number, each in enumerate(ids)],
        )
        cursor.executemany(
            f"INSERT INTO member_tags (member_id, tag, {column}, since, value, version, revision, announced,"
            " last_sequence) VALUES (%s, %s, %s, %s, 'x', 1, 1, '', 0)",
            [(each, tag, moment, moment) for each in ids for tag in tags],
        )
        cursor.execute("ANALYZE TABLE members, member_tags")
    read: Any = read_waiting_changes if column == "changed_at" else read_expired_tags
    after: Any = FIRST_WAITING if column == "changed_at" else FIRST_EXPIRED
    seen: list[Any] = []
    with town.env.db.transaction() as transaction:
        while after:
            before = _rows_read(transaction)
            pages, after = read(transaction, NOON, after, 100)
            assert _rows_read(transaction) - before < 1_000, "of 4,000, and 444 are the counting's own"
            seen += [row for page in pages.values() for row in page]
    assert len(seen) == 4_000


def _rows_read(transaction: Transaction) -> int:
    return sum(int(row["Value"]) for row in transaction.rows("SHOW SESSION STATUS LIKE 'Handler_read%%'", ()))
