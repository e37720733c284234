"""A changed tag is announced once and drawn into the bitmaps."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.members.announce_tags import announce_tags
from functions.members.segments import tag_changes
from functions.members.tables.bitmaps import lock_bitmaps
from tests.support.members import (
    ANNA,
    BEN,
    CHAIN,
    EVER,
    NOON,
    ZED,
    Town,
    announced_data,
    at,
    bought,
    counts,
    forget,
    merge,
    opt_out,
    refunded,
    tell,
)


def test_a_change_is_announced_once_and_drawn(town: Town) -> None:
    bought(town, "anna", 0)
    bought(town, "ben", 0)
    with at(town.env, NOON):
        assert town.announce() == len(town.tags())
        assert town.announce() == 0
    assert counts(town, "recency") == {"week": 2}
    first = announced_data(town, "member.tag_changed")
    assert {"member": ANNA, "chain": CHAIN, "tag": "recency", "before": None, "after": "week"} in first
    with at(town.env, NOON + timedelta(days=9)):
        town.expire()
        town.announce()
    later = announced_data(town, "member.tag_changed")[len(first) :]
    assert [(message["member"], message["before"], message["after"]) for message in later] == [
        (ANNA, "week", "month"), (BEN, "week", "month"),
    ] or [(message["member"], message["before"], message["after"]) for message in later] == [
        (BEN, "week", "month"), (ANNA, "week", "month"),
    ]  # fmt: skip
    assert counts(town, "recency") == {"month": 2}
    sequences = town.run("SELECT sequence FROM messages WHERE subject = %s ORDER BY id", (f"member/{ANNA}/recency",))
    assert sequences == [(1,), (2,)]


def test_what_changes_there_and_back_is_not_announced(town: Town) -> None:
    bought(town, "anna", 0)
    with at(town.env, NOON):
        town.announce()
    before = len(announced_data(town, "member.tag_changed"))
    orders = bought(town, "anna", 0)
    assert town.tags()[ANNA, "frequency"] == "occasional"
    tell([refunded(orders[0], 1000)])
    with at(town.env, NOON):
        town.spread()
        town.announce()
    assert len(announced_data(town, "member.tag_changed")) == before
    assert counts(town, "frequency") == {"rare": 1}


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
