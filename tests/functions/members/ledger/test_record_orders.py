"""A member's purchases and running facts, whatever of them comes twice, late or in another order."""

import itertools
import json
import random
import struct
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from functions.members.facts.totals import StoredFacts, facts_of
from functions.members.ledger import record_orders
from stack.gateway_event import Context
from tests.support.members import (
    ANNA,
    HANDLERS,
    NOON,
    ZED,
    Town,
    a_line,
    an_order,
    at,
    batches,
    facts_by_ledger,
    paid,
    refunded,
    tell,
)


def test_an_order_moves_the_facts_once(town: Town) -> None:
    order = an_order("anna", NOON, lines=[a_line("margherita", "classic", 2), a_line("cola", "drink")], total=2500)
    tell([paid(order), paid(order)])
    tell([paid(order)])
    days, *texts = town.facts()[ANNA]
    habits, favourites, categories, items = map(json.loads, texts)
    # Day 738,946 of the calendar, USD, one purchase of three pieces, none of them with money off; 25.00.
    assert days == struct.pack("<i4siiiq", 738_946, b"USD", 1, 3, 0, 2500)
    assert favourites == {"category": ["classic", 2], "item": ["margherita", 2]}
    assert habits == {"channel": {"till": 1}, "hour": {"12": 1}, "store": {"s1": 1}, "weekday": {"4": 1}}
    assert (categories, items) == ({"classic": 2, "drink": 1}, {"cola": 1, "margherita": 2})
    assert town.run("SELECT subject, sequence FROM messages") == [(f"purchase/{order['id']}", 1)]


def test_any_order_and_repetition_of_messages_ends_in_the_same_profile(town: Town) -> None:
    orders = [an_order("anna", NOON + timedelta(days=n), total=1000 + n) for n in range(3)]
    messages = [*map(paid, orders), refunded(orders[1], 400), refunded(orders[1], 1001), refunded(orders[2], 100)]
    ends = set()
    orderings = list(itertools.permutations(messages))
    for ordering in random.Random(1).sample(orderings, 12):
        for table in ("member_purchases", "member_facts", "members", "member_tags", "messages"):
            town.run(f"DELETE FROM {table}")
        town._heard = ""
        doubled = [*ordering, *random.Random(2).sample(ordering, 3)]
        tell(doubled)
        with at(town.env, date(2024, 3, 10)):
            town.spread()
        assert facts_by_ledger(town) == town.facts()
        ends.add((tuple(town.facts().values()), tuple(sorted(town.tags().items()))))
    [(facts, tags)] = ends
    # 1000 and 1002 - 100; the second order went back whole.
    assert (len(facts), [row[3] for row in town.days(ANNA)]) == (1, [1000, 902])
    assert dict(tags)[ANNA, "frequency"] == "occasional"


def test_an_order_that_went_back_whole_leaves_nothing(town: Town) -> None:
    order = an_order("anna", NOON)
    tell([paid(order)])
    with at(town.env, NOON):
        town.spread()
        assert town.tags()
        tell([refunded(order, 1000)])
        town.spread()
    assert town.facts()[ANNA] == (b"", "{}", "{}", "{}", "{}")
    assert town.tags() == {}
    assert town.run("SELECT sequence FROM messages ORDER BY id") == [(1,), (2,)]


def test_what_goes_back_before_it_was_paid_counts_when_it_is_paid(town: Town) -> None:
    order = an_order("anna", NOON)
    tell([refunded(order | {"paid": 500}, 500)])
    assert town.facts() == {}
    tell([paid(order)])
    assert town.days(ANNA)[0][3] == 500


def test_money_that_came_twice_or_came_back_again_counts_as_the_store_keeps_it(town: Town) -> None:
    """A second wallet given back; all back and paid again; some back and some again; rounded cash. In any order."""
    cases = [
        (1000, [(2000, 0), (2000, 1000)], 1000), (1000, [(1000, 0), (1000, 1000), (2000, 1000)], 1000),
        (1000, [(1000, 0), (1000, 600), (1300, 600)], 700), (1000, [(1005, 0)], 1000), (1000, [(1000, 1500)], 0),
    ]  # fmt: skip
    messages, keeps = [], 0
    for number, (total, sums, keep) in enumerate(cases):
        order = an_order("anna", NOON + timedelta(minutes=number), total=total, settled_at=NOON.isoformat())
        for payments, back in sums:
            standing = order | {"paid": payments}
            messages.append(refunded(standing, back) if back else paid(standing))
        keeps += keep
    rounded = an_order("anna", NOON, total=1002, paid=1000, rounding=-2, settled_at=NOON.isoformat())
    messages.append(paid(rounded))
    never = an_order("anna", NOON, paid=1000, refunded=500, settled_at=None)
    messages.append(refunded(never, 500))
    for seed in range(5):
        for table in ("member_purchases", "member_facts", "members", "messages"):
            town.run(f"DELETE FROM {table}")
        shuffled = [*messages, *messages]
        random.Random(seed).shuffle(shuffled)
        tell(shuffled)
        assert facts_by_ledger(town) == town.facts()
        assert [(row[2], row[3]) for row in town.days(ANNA)] == [(5, keeps + 1000)]


def test_a_day_is_the_store_s_business_day_and_an_hour_its_clock_s(town: Town) -> None:
    town.open_store("ny", "New York", "America/New_York")
    # 2024-03-10 06:30 UTC is 01:30 in New York, half an hour before its clocks go forward; 07:30 UTC is 03:30.
    for hour, day in ((6, "2024-03-09"), (7, "2024-03-09"), (9, "2024-03-10")):
        moment = datetime(2024, 3, 10, hour, 30, tzinfo=UTC)
        tell([paid(an_order("anna", moment, store="ny", business_day=day))])
    habits = json.loads(town.facts()[ANNA][1])
    assert [(row[0].isoformat(), row[2]) for row in town.days(ANNA)] == [("2024-03-09", 2), ("2024-03-10", 1)]
    assert habits["hour"] == {"1": 1, "3": 1, "5": 1}
    assert habits["city"] == {"New York": 3}


def test_leap_day_and_two_currencies_are_days_of_their_own(town: Town) -> None:
    leap = datetime(2024, 2, 29, 12, tzinfo=UTC)
    tell([paid(an_order("anna", leap)), paid(an_order("anna", leap, currency="CNY", total=700))])
    assert [row[:4] for row in town.days(ANNA)] == [(leap.date(), "CNY", 1, 700), (leap.date(), "USD", 1, 1000)]


def test_orders_without_a_member_are_nobody_s(town: Town) -> None:
    tell([paid(an_order(None, NOON))])
    assert (town.count("members"), town.count("messages")) == (0, 0)


def test_members_of_two_chains_are_two(town: Town) -> None:
    tell([paid(an_order("anna", NOON)), paid(an_order("anna", NOON, chain="other"))])
    assert {row[0] for row in town.run("SELECT chain_id FROM members")} == {"demo", "other"}
    assert town.run("SELECT chain_id, number FROM members ORDER BY chain_id") == [("demo", 1), ("other", 1)]


def test_twenty_thousand_purchases_of_one_member(town: Town) -> None:
    """20,000 orders on 400 days: the last batch costs about what the first did."""
    orders = [an_order("anna", NOON + timedelta(minutes=29 * n)) for n in range(20_000)]
    tell([paid(order) for order in orders])
    days = town.days(ANNA)
    assert (sum(row[2] for row in days), sum(row[3] for row in days)) == (20_000, 20_000_000)
    assert facts_by_ledger(town) == town.facts()
    assert isinstance(StoredFacts(1, facts_of([])).next(), StoredFacts)


def failed(reply: Any) -> list[str]:
    return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


def test_a_purchase_of_a_member_who_cannot_be_enrolled_comes_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    order = an_order("anna", NOON)
    with monkeypatch.context() as broken:
        broken.setattr(record_orders, "insert_members", lambda *_: None)
        [event] = batches([paid(order)])
        assert failed(HANDLERS["order.paid"](event, Context())) == ["m0"]
    tell([paid(order)])
    assert town.count("member_purchases") == 1


def test_a_purchase_is_not_half_kept(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    order = an_order("anna", NOON)
    with monkeypatch.context() as broken:
        broken.setattr(record_orders, "upsert_facts", lambda *_: 1 / 0)
        [event] = batches([paid(order)])
        assert failed(HANDLERS["order.paid"](event, Context())) == ["m0"]
    assert (town.count("member_purchases"), town.count("messages")) == (0, 0)
    tell([paid(order)])
    assert (town.count("member_purchases"), town.count("member_facts"), town.count("messages")) == (1, 1, 1)


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


def test_a_paid_bill_that_was_opened_again_counts_with_its_last_lines_in_any_order_of_messages(town: Town) -> None:
    first = an_order("anna", NOON, lines=[a_line("pizza", "food", 2)], total=2000) | {"version": 2}
    less = first | {"version": 4, "lines": [a_line("pizza", "food", 1)], "total": 1000, "paid": 2000}
    messages = [paid(first), paid(less), refunded(less, 1000)]
    for count in (2, 3):
        for ordering in itertools.permutations(messages[:count]):
            for table in ("member_purchases", "member_facts", "members", "member_tags", "messages"):
                town.run(f"DELETE FROM {table}")
            tell([*ordering, ordering[0]])
            days, *texts = town.facts()[ANNA]
            # One purchase of one piece for 10.00.
            assert days == struct.pack("<i4siiiq", 738_946, b"USD", 1, 1, 0, 1000)
            assert json.loads(texts[-1]) == {"pizza": 1}
