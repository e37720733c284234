"""A tag's function that fails: its messages come again, the other tags are there, and nothing is lost."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.members.backfill_tags import backfill_tags
from functions.members.calculator import calculate
from functions.members.ledger import record_orders
from functions.members.recalculation import backfills, clv_models, expiry
from functions.members.recalculation.backfills import start_backfill
from functions.members.segments import exports
from functions.members.states import ExportStatus
from functions.members.tables.exports import insert_export
from functions.members.tags.registry import TAGS
from shared.contracts.messages.members import MemberPurchased
from shared.spine import entry
from shared.spine.errors import Rejected, Unavailable
from stack.gateway_event import Context
from tests.functions.members.kit import CHAIN, HANDLERS, TAG_HANDLERS, Town, an_order, at, batches, paid, tell
from tests.functions.members.test_time import ANNA, BEN, EVER, NOON, bought


def purchased(town: Town) -> list[Any]:
    """Anna's and Ben's purchases, as the tags hear of them."""
    tell([paid(an_order("anna", NOON)), paid(an_order("ben", NOON))])
    found = [json.loads(body) for (body,) in town.run("SELECT body FROM messages")]
    return sorted(found, key=lambda message: message["data"]["member"] == BEN)


def failed(reply: Any) -> list[str]:
    return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


def test_a_tag_that_throws_holds_up_no_other_and_catches_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = purchased(town)
    with monkeypatch.context() as broken, at(town.env, NOON):
        broken.setattr(calculate, "read_facts_with_tag", lambda _transaction, tag, *_: 1 / 0 if tag == "tier" else None)
        [event] = batches(messages)
        assert failed(TAG_HANDLERS["tier"](event, Context())) == ["m0", "m1"]
    with at(town.env, NOON):
        town.spread([tag for tag in TAGS if tag != "tier"])
        assert {tag for member, tag in town.tags() if member == ANNA} >= {"recency", "rfm", "item"}
        assert (ANNA, "tier") not in town.tags()
        [event] = batches(messages)
        assert failed(TAG_HANDLERS["tier"](event, Context())) == []
    assert (town.tags()[ANNA, "tier"], town.tags()[BEN, "tier"]) == ("bronze", "bronze")


# Timers


@pytest.fixture
def broken_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    """To timers alone: the handler of its queue was made before."""
    monkeypatch.setitem(TAGS, "tier", replace(TAGS["tier"], value=lambda *_: 1 / 0))


@pytest.mark.usefixtures("broken_tier")
def test_a_tag_that_throws_when_time_has_come_holds_up_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 0)
    town.run("UPDATE member_tags SET expires_at = %s WHERE tag = 'tier'", (NOON,))
    monkeypatch.setattr(expiry, "DUE_AT_ONCE", 1)
    for days, recency in ((9, "month"), (200, "older")):
        with at(town.env, NOON + timedelta(days=days)), pytest.raises(ZeroDivisionError):
            town.expire()
        assert (town.tags()[ANNA, "recency"], town.tags()[ANNA, "tier"]) == (recency, "bronze")


@pytest.mark.usefixtures("broken_tier")
def test_a_backfill_that_throws_holds_up_no_other_and_no_file(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 0)
    bought(town, "zed", 0, chain="other")
    begun: list[str] = []
    monkeypatch.setitem(exports.STEPS, ExportStatus.WAITING, lambda _env, export: begun.append(export.id))
    with at(town.env, NOON + timedelta(minutes=1)):
        with town.env.db.transaction() as transaction:
            start_backfill(transaction, CHAIN, ["tier"], NOON - timedelta(seconds=1), timedelta(0))
            run = start_backfill(transaction, "other", ["recency"], NOON, timedelta(0))
            insert_export(transaction, "0" * 26, "other", "week", "csv", NOON)
        with pytest.raises(ZeroDivisionError):
            backfill_tags(town.env, EVER)
    assert town.run("SELECT id FROM tag_backfills WHERE status = 'ended'") == [(run,)]
    assert begun == ["0" * 26]


def test_an_export_that_throws_holds_up_no_backfill(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 0)
    monkeypatch.setitem(exports.STEPS, ExportStatus.WAITING, lambda *_: 1 / 0)
    monkeypatch.setattr(backfills, "MEMBERS_AT_ONCE", 1)
    with at(town.env, NOON):
        with town.env.db.transaction() as transaction:
            run = start_backfill(transaction, CHAIN, ["recency"], NOON, timedelta(0))
            insert_export(transaction, "0" * 26, CHAIN, "week", "csv", NOON)
        with pytest.raises(ZeroDivisionError):
            backfill_tags(town.env, EVER)
    assert town.run("SELECT id FROM tag_backfills WHERE status = 'ended'") == [(run,)]


def test_a_chain_that_cannot_be_fitted_leaves_the_night_to_the_others(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(town, "anna", 0)
    bought(town, "zed", 0, chain="other")
    fitted: list[str] = []

    def fit(_env: Any, chain: str) -> None:
        fitted.append(chain)
        raise ZeroDivisionError

    monkeypatch.setattr(clv_models, "fit_chain", fit)
    with pytest.raises(ZeroDivisionError):
        clv_models.fit_models(town.env, EVER)
    assert fitted == [CHAIN, "other"]


# Messages


def test_one_bad_message_goes_back_alone(town: Town) -> None:
    messages = purchased(town)
    seen: list[int] = []

    def tell_but_ben(batch: Any, _env: Any) -> None:
        seen.append(len(batch))
        if any(message.data.member == BEN for message in batch):
            raise ZeroDivisionError

    [event] = batches([messages[0], messages[1], messages[0]])
    assert failed(entry.batch(MemberPurchased, tell_but_ben)(event, Context())) == ["m1"]
    assert seen == [3, 1, 1, 1]
    malformed = messages[1] | {"data": {}}
    [event] = batches([messages[0], malformed])
    seen.clear()
    assert failed(entry.batch(MemberPurchased, tell_but_ben)(event, Context())) == ["m1"]
    assert seen == [1]


def test_a_database_that_is_away_is_asked_once_a_batch(town: Town) -> None:
    messages = purchased(town)
    tries: list[int] = []

    def away(batch: Any, _env: Any) -> None:
        tries.append(len(batch))
        raise Unavailable("database_unavailable", "the database did not answer")

    [event] = batches(messages * 3)
    assert len(failed(entry.batch(MemberPurchased, away)(event, Context()))) == 6
    assert tries == [6]


def test_a_batch_without_time_left_is_for_later(town: Town) -> None:
    messages = purchased(town)
    handled: list[int] = []

    def reject(batch: Any, _env: Any) -> None:
        handled.append(len(batch))
        raise Rejected("no", "never")

    [event] = batches(messages)
    assert failed(entry.batch(MemberPurchased, reject)(event, Context(milliseconds=1_000))) == ["m0", "m1"]
    assert handled == [2]


def test_killed_between_its_statements_a_tag_is_made_by_the_next_try(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = purchased(town)
    with monkeypatch.context() as killed, at(town.env, NOON):
        killed.setattr(calculate, "upsert_tags", _killed)
        with pytest.raises(SystemExit):
            calculate.calculate_tag(town.env, TAGS["item"], [ANNA, BEN])
    assert town.tags() == {}
    with at(town.env, NOON):
        [event] = batches(messages)
        assert failed(TAG_HANDLERS["item"](event, Context())) == []
    assert town.tags()[ANNA, "item"] == "pizza"


def _killed(*_: Any) -> None:
    raise SystemExit


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
