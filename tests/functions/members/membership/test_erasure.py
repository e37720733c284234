"""A forgotten member leaves amounts by order, and no other row of members."""

from datetime import date

import pytest

from functions.members.membership.enrolment import lock_member
from functions.members.membership.erasure import forget_member
from functions.members.membership.identities import set_identity
from shared.spine.errors import NotFound
from tests.support.members import CHAIN, NOON, Town, an_order, at, bought, counts, paid, refunded, tell


def test_a_forgotten_person_leaves_sums_and_nothing_else(town: Town) -> None:
    orders = bought(town, "anna", 0, 0, 3)
    with at(town.env, NOON):
        town.announce()
        with town.env.outbox.work("members") as work:
            member = lock_member(work, CHAIN, "anna")
            set_identity(work, ["k" * 43 + "="], member, "phone", "+15550100")
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
