"""A tag is computed from present facts only, whatever fails or is slow."""

import json
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from functions.members.calculator import calculate
from functions.members.calculator.calculate import calculate_tag
from functions.members.tags.registry import TAGS
from shared.contracts.messages.members import MemberPurchased
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.errors import Rejected, Unavailable
from shared.spine.settings import read_settings
from stack.gateway_event import Context
from tests.support.members import (
    ANNA,
    BEN,
    NOON,
    TAG_HANDLERS,
    Town,
    Work,
    a_line,
    an_order,
    at,
    batches,
    bought,
    counts,
    forget,
    merge,
    opt_out,
    paid,
    refunded,
    tell,
)


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


def purchased(town: Town) -> list[Any]:
    """Anna's and Ben's purchases, as the tags hear of them."""
    tell([paid(an_order("anna", NOON)), paid(an_order("ben", NOON))])
    messages = [json.loads(body) for (body,) in town.run("SELECT body FROM messages")]
    return sorted(messages, key=lambda message: message["data"]["member"] == BEN)


def failed(reply: Any) -> list[str]:
    return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


def test_a_tag_that_throws_holds_up_no_other_and_catches_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = purchased(town)
    with monkeypatch.context() as broken, at(town.env, NOON):
        broken.setattr(calculate, "upsert_tags", lambda *_: 1 / 0)
        [event] = batches(messages)
        assert failed(TAG_HANDLERS["tier"](event, Context())) == ["m0", "m1"]
    with at(town.env, NOON):
        town.spread([tag for tag in TAGS if tag != "tier"])
        assert {tag for member, tag in town.tags() if member == ANNA} >= {"recency", "rfm", "item"}
        assert (ANNA, "tier") not in town.tags()
        [event] = batches(messages)
        assert failed(TAG_HANDLERS["tier"](event, Context())) == []
    assert (town.tags()[ANNA, "tier"], town.tags()[BEN, "tier"]) == ("bronze", "bronze")


def test_one_bad_message_goes_back_alone(town: Town) -> None:
    messages = purchased(town)
    batch_sizes: list[int] = []

    def tell_but_ben(batch: Any, _env: Any) -> None:
        batch_sizes.append(len(batch))
        if any(message.data.member == BEN for message in batch):
            raise ZeroDivisionError

    [event] = batches([messages[0], messages[1], messages[0]])
    assert failed(entry.batch(MemberPurchased, tell_but_ben)(event, Context())) == ["m1"]
    assert batch_sizes == [3, 1, 1, 1]
    malformed = messages[1] | {"data": {}}
    [event] = batches([messages[0], malformed])
    batch_sizes.clear()
    assert failed(entry.batch(MemberPurchased, tell_but_ben)(event, Context())) == ["m1"]
    assert batch_sizes == [1]


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
