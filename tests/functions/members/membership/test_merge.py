"""Merged members are one member, whatever comes later."""

from datetime import timedelta

import pytest

from functions.members.tables.members import read_member, update_member
from shared.contracts.ids import member_id
from shared.spine.errors import Conflict
from tests.support.members import (
    ANNA,
    BEN,
    CHAIN,
    CYD,
    NOON,
    Town,
    an_order,
    announced_data,
    at,
    bought,
    counts,
    merge,
    paid,
    refunded,
    tell,
)


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
    tags, single_member = town.tags(), member_id(CHAIN, "one")
    assert {tag for member, tag in tags if member == BEN} == set()
    assert sum(row[3] for row in town.days(ANNA)) == 5_500
    merged_tags = {tag: value for (member, tag), value in tags.items() if member == ANNA and tag != "ticket"}
    assert merged_tags == {
        tag: value for (member, tag), value in tags.items() if member == single_member and tag != "ticket"
    }
    assert counts(town, "lifecycle") == {"active": 2}
    assert [(message["member"], message["into"]) for message in announced_data(town, "member.merged")] == [(BEN, ANNA)]
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
