"""What moves tags beside purchases: time, new rules, merging, forgetting, refusing; and what is said of it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from functions.members.calculator import calculate, chain_rules
from functions.members.calculator.calculate import calculate_tag
from functions.members.membership.consents import set_profiling
from functions.members.membership.enrolment import lock_member
from functions.members.membership.erasure import forget_member
from functions.members.membership.identities import lookup_hashes, set_identity
from functions.members.membership.merge import merge_members
from functions.members.recalculation import backfills
from functions.members.recalculation.backfills import BACKFILLS, start_backfill
from functions.members.recalculation.clv_models import fit_models
from functions.members.recalculation.expiry import expire_tags
from functions.members.states import BackfillStatus
from functions.members.tables.backfills import read_newest_backfills, update_status
from functions.members.tables.bitmaps import read_bitmaps
from functions.members.tables.identities import read_identity_owner
from functions.members.tables.members import read_member, update_member
from functions.members.tables.tags import upsert_tags
from functions.members.tags.registry import TAGS
from shared.contracts.ids import member_id
from shared.kit.isolation import Isolation
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound
from shared.spine.settings import read_settings
from tests.functions.members.kit import CHAIN, Town, a_line, an_order, at, paid, refunded, tell, work_off

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
ANNA, BEN, CYD = (member_id(CHAIN, name) for name in ("anna", "ben", "cyd"))
EVER = datetime(9999, 1, 1, tzinfo=UTC)
Work = Callable[[Environment], Any]


def bought(town: Town, name: str, *days_ago: int, **parts: Any) -> list[Any]:
    orders = [an_order(name, NOON - timedelta(days=ago), **parts) for ago in days_ago]
    tell([paid(order) for order in orders])
    with at(town.env, NOON):
        town.spread()
    return orders


def said(town: Town, kind: str) -> list[Any]:
    return [
        json.loads(body)["data"]
        for (body,) in town.run("SELECT body FROM messages WHERE type = %s ORDER BY id", (kind,))
    ]


def counts(town: Town, tag: str) -> dict[str, int]:
    """Members by value as the bitmaps have them."""
    with town.env.db.transaction() as transaction:
        found = read_bitmaps(transaction, CHAIN, [tag])
    return {value: bitmap.bit_count() for (_, value, _), bitmap in found.items() if bitmap}


def forget_rules(town: Town) -> None:
    chain_rules.rules_cache.clear(town.env)


# Time


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


# A tag's function that is slow


@pytest.fixture
def slow(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Work, Callable[[], Any]], None]]:
    """Another environment's work, which has pulled before something else happens and writes after it."""
    env = Environment(read_settings(), clock=lambda: NOON)

    def do(work: Work, meanwhile: Callable[[], Any]) -> None:

        def write_late(*arguments: Any) -> None:
            monkeypatch.setattr(calculate, "upsert_tags", upsert_tags)
            with at(town.env, NOON):
                meanwhile()
            upsert_tags(*arguments)

        monkeypatch.setattr(calculate, "upsert_tags", write_late)
        work(env)

    yield do
    env.close()


def anna_s(tag: str) -> Work:
    return lambda env: calculate_tag(env, TAGS[tag], [ANNA])


def ate(town: Town, *lines: Any) -> None:
    tell([paid(an_order("anna", NOON, lines=[a_line(*line) for line in lines]))])
    town.spread()


def test_older_facts_win_over_no_newer_ones_also_where_these_changed_nothing(town: Town, slow: Any) -> None:
    bought(town, "anna", 0)
    tell([paid(an_order("anna", NOON, lines=[a_line("cola", "drink", 2)]))])
    slow(anna_s("item"), lambda: ate(town, ("pizza", "food", 3)))
    assert town.tags()[ANNA, "item"] == "pizza"


def test_older_facts_make_no_tag_that_newer_ones_have_not(town: Town, slow: Any) -> None:
    order = an_order("anna", NOON)
    tell([paid(order)])

    def give_back() -> None:
        tell([refunded(order, 1000)])
        town.spread()

    slow(anna_s("item"), give_back)
    assert town.tags() == {}


def opt_out(town: Town, name: str = "anna") -> None:
    with town.env.outbox.work("members") as work:
        member = lock_member(work, CHAIN, name)
        update_member(work, member.id, profiling=False, marketing=False, first_store=None)
        set_profiling(town.env, work, member, profiling=False)


def forget(town: Town, name: str = "anna") -> None:
    with town.env.outbox.work("members") as work:
        forget_member(town.env, work, CHAIN, name)


@pytest.mark.parametrize("leave", [opt_out, forget, lambda town: merge(town, "anna", "ben")])
def test_whoever_has_no_tags_any_more_gets_none_of_a_slow_function(
    town: Town, slow: Any, leave: Callable[[Town], None]
) -> None:
    bought(town, "ben", 3)
    bought(town, "anna", 9)
    tell([paid(an_order("anna", NOON))])
    slow(anna_s("recency"), lambda: leave(town))
    assert (ANNA, "recency") not in town.tags()
    with at(town.env, NOON):
        town.announce()
    assert counts(town, "recency") == {"week": 1}


def test_what_a_slow_expiry_has_left_out_is_not_taken_away(town: Town, slow: Any) -> None:
    bought(town, "anna", 0)
    town.run("UPDATE member_tags SET expires_at = %s WHERE tag = 'item'", (NOON,))
    slow(lambda env: expire_tags(env, EVER), lambda: tell([paid(an_order("anna", NOON))]))
    assert town.tags()[ANNA, "item"] == "pizza"


def test_a_tag_is_not_written_while_its_facts_are_being_changed(town: Town) -> None:
    bought(town, "anna", 0)
    tell([paid(an_order("anna", NOON, lines=[a_line("cola", "drink", 2)]))])
    env = Environment(read_settings(), clock=lambda: NOON)
    with town.connect() as changing, changing.cursor() as cursor:
        cursor.execute("UPDATE member_facts SET revision = revision + 1")
        tag = Thread(target=calculate_tag, args=(env, TAGS["item"], [ANNA]))
        tag.start()
        tag.join(0.5)
        assert tag.is_alive()
        changing.commit()
        tag.join()
    env.close()
    assert town.tags()[ANNA, "item"] == "pizza"


# What is announced


def test_a_change_is_announced_once_and_drawn(town: Town) -> None:
    bought(town, "anna", 0)
    bought(town, "ben", 0)
    with at(town.env, NOON):
        assert town.announce() == len(town.tags())
        assert town.announce() == 0
    assert counts(town, "recency") == {"week": 2}
    first = said(town, "member.tag_changed")
    assert {"member": ANNA, "chain": CHAIN, "tag": "recency", "before": None, "after": "week"} in first
    with at(town.env, NOON + timedelta(days=9)):
        town.expire()
        town.announce()
    later = said(town, "member.tag_changed")[len(first) :]
    assert [(told["member"], told["before"], told["after"]) for told in later] == [
        (ANNA, "week", "month"), (BEN, "week", "month"),
    ] or [(told["member"], told["before"], told["after"]) for told in later] == [
        (BEN, "week", "month"), (ANNA, "week", "month"),
    ]  # fmt: skip
    assert counts(town, "recency") == {"month": 2}
    sequences = town.run("SELECT sequence FROM messages WHERE subject = %s ORDER BY id", (f"member/{ANNA}/recency",))
    assert sequences == [(1,), (2,)]


def test_what_changes_there_and_back_is_not_announced(town: Town) -> None:
    bought(town, "anna", 0)
    with at(town.env, NOON):
        town.announce()
    before = len(said(town, "member.tag_changed"))
    orders = bought(town, "anna", 0)
    assert town.tags()[ANNA, "frequency"] == "occasional"
    tell([refunded(orders[0], 1000)])
    with at(town.env, NOON):
        town.spread()
        town.announce()
    assert len(said(town, "member.tag_changed")) == before
    assert counts(town, "frequency") == {"rare": 1}


# Merging, forgetting, refusing


def merge(town: Town, one: str, into: str) -> None:
    with at(town.env, NOON), town.env.outbox.work("members") as work:
        merge_members(town.env, work, CHAIN, one, into)


def test_merged_members_are_as_one_who_bought_it_all_and_late_orders_follow(town: Town) -> None:
    bought(town, "anna", 0, 5, 9)
    [late] = [an_order("ben", NOON - timedelta(days=2))]
    bens = bought(town, "ben", 3, 100)
    bought(town, "one", 0, 5, 9, 3, 100, 2)
    with at(town.env, NOON):
        town.announce()
    merge(town, "ben", "anna")
    tell([paid(late), paid(bens[0]), refunded(bens[1], 500)])
    tell([refunded(bens[1], 500)])
    with at(town.env, NOON):
        town.spread()
        town.announce()
    tags, one = town.tags(), member_id(CHAIN, "one")
    assert {tag for member, tag in tags if member == BEN} == set()
    assert sum(row[3] for row in town.days(ANNA)) == 5_500
    same = {tag: value for (member, tag), value in tags.items() if member == ANNA and tag != "ticket"}
    assert same == {tag: value for (member, tag), value in tags.items() if member == one and tag != "ticket"}
    assert counts(town, "lifecycle") == {"active": 2}
    assert [(told["member"], told["into"]) for told in said(town, "member.merged")] == [(BEN, ANNA)]
    assert town.run("SELECT COUNT(*) FROM member_tags WHERE member_id = %s", (BEN,)) == [(0,)]


def test_merged_members_were_first_seen_where_either_was_and_have_refused_what_either_has(town: Town) -> None:
    bought(town, "ben", 100)
    tell([paid(an_order("anna", NOON, store="s2"))])
    with town.env.outbox.work("members") as work:
        update_member(work, ANNA, profiling=True, marketing=True, first_store="s2")
    merge(town, "ben", "anna")
    with town.env.db.transaction() as transaction:
        person = read_member(transaction, ANNA)
    assert person is not None
    assert (person.first_store, person.marketing) == ("s1", False)


def test_merges_of_merges_lead_to_one_and_never_in_a_circle(town: Town) -> None:
    for name in ("anna", "ben", "cyd"):
        bought(town, name, 1)
    merge(town, "anna", "ben")
    merge(town, "ben", "cyd")
    with pytest.raises(Conflict):
        merge(town, "cyd", "anna")
    assert {row[0] for row in town.run("SELECT merged_into FROM members")} == {None, CYD}
    tell([paid(an_order("anna", NOON))])
    assert sum(row[2] for row in town.days(CYD)) == 4


def test_a_forgotten_person_leaves_sums_and_nothing_else(town: Town) -> None:
    orders = bought(town, "anna", 0, 0, 3)
    with at(town.env, NOON):
        town.announce()
        with town.env.outbox.work("members") as work:
            member = lock_member(work, CHAIN, "anna")
            set_identity(work, [KEY], member, "phone", "+15550100")
        with town.env.outbox.work("members") as work:
            forget_member(town.env, work, CHAIN, "anna")
        tell([paid(orders[0]), paid(an_order("anna", NOON)), refunded(orders[1], 1000), refunded(orders[2], 300)])
        tell([refunded(orders[2], 200)])
        town.spread()
        town.announce()
    tables = ("member_purchases", "member_facts", "member_tags", "member_identities", "member_lookups")
    assert [town.count(table) for table in tables] == [0] * 5
    assert town.run("SELECT external_id, profiling FROM members") == [(None, 0)]
    sums = town.run("SELECT business_day, purchases, amount FROM forgotten_purchases ORDER BY business_day, amount")
    assert sums == [(date(2024, 2, 27), 1, 700), (date(2024, 3, 1), 0, 0), (date(2024, 3, 1), 1, 1000)]
    assert counts(town, "recency") == {}
    with pytest.raises(NotFound), town.env.db.transaction() as transaction:
        lock_member(transaction, CHAIN, "anna")


KEY = "k" * 43 + "="


def test_a_phone_is_found_by_an_hmac_and_kept_encrypted(town: Town) -> None:
    bought(town, "anna", 0)
    bought(town, "ben", 0)
    with town.env.outbox.work("members") as work:
        set_identity(work, [KEY], lock_member(work, CHAIN, "anna"), "phone", "+15550100")
    [(lookup, encrypted)] = town.run("SELECT lookup, encrypted FROM member_identities")
    assert b"5550100" not in lookup + encrypted
    newer = "m" * 43 + "="
    with town.env.db.transaction() as transaction:
        assert read_identity_owner(transaction, lookup_hashes([newer, KEY], CHAIN, "phone", "+15550100")) == ANNA
        assert read_identity_owner(transaction, lookup_hashes([newer, KEY], "other", "phone", "+15550100")) is None
        assert read_identity_owner(transaction, lookup_hashes([newer], CHAIN, "phone", "+15550100")) is None
    with pytest.raises(Conflict), town.env.outbox.work("members") as work:
        set_identity(work, [newer, KEY], lock_member(work, CHAIN, "ben"), "phone", "+15550100")


# New rules


def test_a_backfill_is_watched_paused_and_gone_on_with_while_orders_come(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfills, "MEMBERS_AT_ONCE", 3)
    for n in range(8):
        bought(town, f"m{n}", 10)
    town.run("DELETE FROM member_tags")
    with at(town.env, NOON):
        with town.env.db.transaction() as transaction:
            run = start_backfill(transaction, CHAIN, ["recency", "tier"], NOON, timedelta(0))
        assert BACKFILLS.run_step(town.env, Isolation())
        assert watched(town, run) == ("running", 3, 6)
        with town.env.db.transaction() as transaction:
            update_status(transaction, run, BackfillStatus.PAUSED)
        assert not BACKFILLS.run_step(town.env, Isolation())
        bought(town, "m1", 0)
        with town.env.db.transaction() as transaction:
            update_status(transaction, run, BackfillStatus.RUNNING)
        work_off(town.env, BACKFILLS)
    assert watched(town, run)[:2] == ("ended", 8)
    found = town.tags()
    assert [found[member_id(CHAIN, f"m{n}"), "recency"] for n in range(8)] == ["month", "week"] + ["month"] * 6


def watched(town: Town, run: str) -> tuple[str, int, int]:
    with town.env.db.transaction() as transaction:
        [found] = [each for each in read_newest_backfills(transaction, CHAIN) if each.id == run]
    return found.status, found.visited, found.changed


def test_a_new_version_starts_one_backfill_of_that_tag(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 10)
    with at(town.env, NOON):
        backfills.start_for_new_versions(town.env, Isolation())
        backfills.start_for_new_versions(town.env, Isolation())
    [(tags,)] = town.run("SELECT tags FROM tag_backfills")
    assert set(tags.split()) == set(TAGS)
    newer = type(TAGS["tier"])(**{**vars(TAGS["tier"]), "version": 2})
    monkeypatch.setitem(TAGS, "tier", newer)
    with at(town.env, NOON + timedelta(seconds=1)):
        backfills.start_for_new_versions(town.env, Isolation())
    with at(town.env, NOON + timedelta(seconds=100)):
        work_off(town.env, BACKFILLS)
        assert town.run("SELECT MAX(version) FROM member_tags") == [(1,)]
    with at(town.env, NOON + timedelta(seconds=200)):
        work_off(town.env, BACKFILLS)
    assert town.run("SELECT tags, status FROM tag_backfills ORDER BY id DESC LIMIT 1") == [("tier", "ended")]
    assert town.run("SELECT version FROM member_tags WHERE tag = 'tier'") == [(2,)]


def test_a_chain_gets_a_model_when_enough_members_came_back(town: Town) -> None:
    orders = [
        an_order(f"m{n}", NOON - timedelta(days=7 * n % 300 + 40 * k), total=1000 + 100 * (n % 7))
        for n in range(160)
        for k in range(n % 4)
    ]
    tell([paid(order) for order in orders])
    with at(town.env, NOON):
        town.spread(["churn"])
        assert town.tags() == {}
        fit_models(town.env, EVER)
        forget_rules(town)
        town.run("UPDATE tag_backfills SET starts_at = %s", (NOON,))
        work_off(town.env, BACKFILLS)
        fit_models(town.env, EVER)
    assert town.run("SELECT tags FROM tag_backfills") == [("churn future_value",)]
    members = {member for member, _ in town.tags()}
    assert len(members) == len({order["guest"]["member"] for order in orders})
    assert {tag for _, tag in town.tags()} == {"churn", "future_value"}
