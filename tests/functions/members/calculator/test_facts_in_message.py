"""A purchase's message carries the member's facts and tags, so that a tag that stays costs no statement."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.members.calculator import facts_in_message
from functions.members.tags.registry import TAGS
from stack.gateway_event import Context
from tests.support.members import (
    ANNA,
    NOON,
    TAG_HANDLERS,
    Town,
    a_line,
    an_order,
    announced_data,
    at,
    batches,
    bought,
    forget,
    opt_out,
    paid,
    tell,
)


def statements(town: Town) -> int:
    """The server's count of statements on the environment's connection. Asking counts as one."""
    with town.env.db.statements() as connection:
        row = connection.row("SHOW SESSION STATUS LIKE 'Questions'")
    assert row is not None
    return int(row["Value"])


def hear(town: Town, tag: str, messages: list[Any]) -> int:
    """The statements that the tag's function needs for these messages."""
    before = statements(town)
    with at(town.env, NOON):
        for event in batches(messages):
            assert TAG_HANDLERS[tag](event, Context()) == {"batchItemFailures": []}
    return statements(town) - before - 1


def purchases(town: Town) -> list[Any]:
    rows = town.run("SELECT body FROM messages WHERE type = 'member.purchased' ORDER BY id")
    return [json.loads(body) for (body,) in rows]


def test_a_new_value_costs_one_statement_and_a_value_that_stays_none(town: Town) -> None:
    bought(town, "anna", 0)
    tell([paid(an_order("anna", NOON, lines=[a_line("cola", "drink", 2)]))])
    [_, second] = purchases(town)
    assert second["data"]["facts"]["tags"]["item"] == {"value": "pizza", "version": 1, "expires_at": None}
    assert hear(town, "item", [second]) == 1
    assert town.tags()[ANNA, "item"] == "cola"
    tell([paid(an_order("anna", NOON, lines=[a_line("cola", "drink", 2)]))])
    assert hear(town, "item", purchases(town)[2:]) == 0
    assert town.tags()[ANNA, "item"] == "cola"


def test_a_message_of_older_facts_writes_nothing_whatever_it_carries(town: Town) -> None:
    tell([paid(an_order("anna", NOON))])
    tell([paid(an_order("anna", NOON, lines=[a_line("cola", "drink", 2)]))])
    [first, second] = purchases(town)
    hear(town, "item", [second])
    hear(town, "item", [first])
    assert town.tags() == {(ANNA, "item"): "cola"}


def test_of_a_batch_the_newest_facts_count(town: Town) -> None:
    tell([paid(an_order("anna", NOON))])
    tell([paid(an_order("anna", NOON, lines=[a_line("cola", "drink", 2)]))])
    hear(town, "tier", purchases(town))  # reads the chain's rules, which the environment keeps
    assert hear(town, "item", [*reversed(purchases(town))]) == 1
    assert town.tags()[ANNA, "item"] == "cola"


def test_whoever_refused_profiling_gets_no_tag_of_a_late_message(town: Town) -> None:
    tell([paid(an_order("anna", NOON))])
    opt_out(town)
    for tag in TAGS:
        hear(town, tag, purchases(town))
    assert town.tags() == {}


def test_large_facts_are_read_from_their_table(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_in_message, "LARGEST", 10)
    tell([paid(an_order("anna", NOON))])
    [message] = purchases(town)
    assert "facts" not in message["data"]
    hear(town, "tier", [message])  # reads the chain's rules, which the environment keeps
    assert hear(town, "item", [message]) == 2
    assert town.tags()[ANNA, "item"] == "pizza"


def test_no_message_holds_the_facts_of_a_forgotten_member(town: Town) -> None:
    bought(town, "anna", 1, 2)
    bought(town, "ben", 1)
    forget(town)
    anna_s: list[Any] = []
    ben_s: list[Any] = []
    for data in announced_data(town, "member.purchased"):
        (anna_s if data["member"] == ANNA else ben_s).append(data["facts"])
    assert anna_s == [None, None]
    assert [facts["revision"] for facts in ben_s] == [1]
    later = paid(an_order("anna", NOON + timedelta(days=1)))
    tell([later])
    assert len(announced_data(town, "member.purchased")) == 3
