"""Whatever the order and repetition of what is said of members, a merge between, they end as a batch computes them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.members.membership.enrolment import enrol_member
from functions.members.membership.merge import merge_members
from shared.contracts.ids import member_id
from tests.functions.members.oracle import expected
from tests.support.members import (
    CHAIN,
    Json,
    Town,
    a_line,
    an_order,
    at,
    facts_by_ledger,
    paid,
    refunded,
    tell,
)

FIRST, TODAY = datetime(2023, 12, 1, tzinfo=UTC), date(2024, 3, 10)
MODEL = {"r": 0.9, "alpha": 2.5, "a": 0.3, "b": 6.0, "p": 4.0, "q": 3.5, "v": 2500.0}
TABLES = ["member_purchases", "member_facts", "members", "member_numbers", "member_tags", "messages"]
COLUMNS = "household VARCHAR, basket VARCHAR, placed_at TIMESTAMP, store VARCHAR, day DATE, hour INT, city VARCHAR, "
COLUMNS += "channel VARCHAR, currency VARCHAR, total BIGINT, discounted BOOLEAN"


class Scenario(NamedTuple):
    """Orders with what went back of each in all, and messages of them as they come; `merged_at` counts messages."""

    orders: list[tuple[Json, int]]
    messages: list[Json]
    merged_at: int | None


LINES = st.lists(
    st.tuples(st.sampled_from(["cola", "pizza", "東"]), st.sampled_from(["food", "drink"]), st.integers(1, 3)),
    min_size=1,
    max_size=3,
    unique_by=lambda line: line[0],
)


@st.composite
def histories(draw: st.DrawFn) -> Scenario:
    orders, messages = [], []
    for _ in range(draw(st.integers(1, 5))):
        moment = FIRST + timedelta(hours=draw(st.integers(0, 99 * 24)))
        order = an_order(
            draw(st.sampled_from(["anna", "ben"])),
            moment,
            total=draw(st.integers(0, 5_000)),
            currency=draw(st.sampled_from(["USD", "CNY"])),
            discounts=draw(st.sampled_from([[], [{"code": "X", "amount": 1}]])),
            lines=[a_line(*line) for line in draw(LINES)],
        )
        back = sorted(draw(st.lists(st.integers(1, max(order["total"], 1)), max_size=2)))
        orders.append((order, back[-1] if back else 0))
        messages += [paid(order), *(refunded(order, amount) for amount in back)]
    again = draw(st.lists(st.sampled_from(messages), max_size=4))
    messages = draw(st.permutations(messages + again))
    return Scenario(orders, messages, draw(st.none() | st.integers(0, len(messages))))


def by_batch(scenario: Scenario) -> dict[tuple[str, str], str]:
    data = duckdb.connect()
    data.execute(f"CREATE TABLE baskets ({COLUMNS})")
    data.execute("CREATE TABLE lines (basket VARCHAR, category VARCHAR, item VARCHAR, quantity BIGINT)")
    data.execute("CREATE TABLE refunds (basket VARCHAR, amount BIGINT)")
    data.execute("CREATE TABLE merges (household VARCHAR, into_household VARCHAR)")
    if scenario.merged_at is not None:
        data.execute("INSERT INTO merges VALUES ('anna', 'ben')")
    for order, back in scenario.orders:
        moment = datetime.fromisoformat(order["placed_at"])
        basket: list[Any] = [order["guest"]["member"], order["id"], moment.replace(tzinfo=None), "s1", moment.date()]
        basket += [moment.hour, None, "till", order["currency"], order["total"], bool(order["discounts"])]
        data.execute(f"INSERT INTO baskets VALUES ({', '.join('?' * len(basket))})", basket)
        for line in order["lines"]:
            data.execute(
                "INSERT INTO lines VALUES (?, ?, ?, ?)", [order["id"], line["category"], line["item"], line["quantity"]]
            )
        data.execute("INSERT INTO refunds VALUES (?, ?)", [order["id"], back])
    return expected(data, TODAY, MODEL)


def enrol_and_merge(town: Town) -> None:
    with town.env.outbox.work("members") as work:
        for name in ("anna", "ben"):
            enrol_member(town.env, work, CHAIN, name)
        merge_members(town.env, work, CHAIN, "anna", "ben")


@pytest.fixture
def modelled(town: Town) -> Town:
    parameters = str(MODEL).replace("'", '"')
    town.run("INSERT INTO tag_models VALUES (%s, %s, 1, NOW())", (CHAIN, parameters))
    return town


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=histories())
def test_any_permutation_and_duplication_ends_in_what_a_batch_computes(modelled: Town, scenario: Scenario) -> None:
    town = modelled
    for table in TABLES:
        town.run(f"DELETE FROM {table}")
    town._heard = ""
    with at(town.env, TODAY):
        if scenario.merged_at is None:
            tell(scenario.messages)
        else:
            tell(scenario.messages[: scenario.merged_at])
            town.spread()
            enrol_and_merge(town)
            tell(scenario.messages[scenario.merged_at :])
            town._heard = ""  # a clock that stands still gives ids in no order: all are told again
        town.spread()
    assert facts_by_ledger(town) == town.facts()
    expected_tags = {(member_id(CHAIN, name), tag): value for (name, tag), value in by_batch(scenario).items()}
    assert town.tags() == expected_tags
