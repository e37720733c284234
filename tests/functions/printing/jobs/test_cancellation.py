"""A cancelled order withdraws its jobs and prints slips, in whatever order messages come."""

import random
from functools import partial

import pytest

from functions.printing.agents import revocation
from functions.printing.jobs import actions
from shared.contracts.messages.orders import Order
from tests.functions.printing.conftest import Hand, Relay

TWO = {
    "stations": [
        {"id": "kitchen_hot", "name": "Hot", "printer": "kitchen", "copies": 2},
        {"id": "bar", "name": "Bar", "printer": "bar"},
        {"id": "till", "name": "Till", "kind": "receipt", "printer": "till"},
    ]
}
LINES = [
    {"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325},
    {"item": "cola", "quantity": 2, "unit_price": 300},
]
BOTH = {"lines": LINES, "total": 1925, "payments": [{"reference": "p", "method": "cash", "amount": 1925}]}


def made(relay: Relay, order: Order) -> list[tuple[str, str, str]]:
    return sorted((job.kind, job.printer, job.state) for job in relay.jobs(order))


@pytest.fixture
def agent(relay: Relay) -> Hand:
    """Of a store with one kitchen, connected."""
    agent = relay.agent(relay.store())
    agent.arrive()
    return agent


@pytest.mark.parametrize("seed", range(6))
def test_a_cancelled_order_has_the_same_end_however_it_is_heard_of(relay: Relay, seed: int) -> None:
    order = relay.order(relay.store(TWO), **BOTH)
    heard = [partial(relay.paid, order), partial(relay.cancelled, order)] * 2
    random.Random(seed).shuffle(heard)
    for hear in heard:
        hear()
    assert {state for _, _, state in made(relay, order)} <= {"cancelled"}


def test_a_cancellation_that_comes_first_prevents_every_ticket(relay: Relay) -> None:
    order = relay.order(relay.store(TWO), **BOTH)
    relay.cancelled(order)
    relay.paid(order)
    assert made(relay, order) == []


def test_a_slip_goes_where_a_ticket_may_be_on_paper(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store)
    relay.paid(order)
    [job] = relay.jobs(order)
    agent.end(job.id)
    agent.heard()
    relay.cancelled(order, "guest left")
    [slip] = agent.jobs()
    assert (slip["kind"], slip["printer"]) == ("cancellation", "kitchen")
    [ticket] = [job.ticket for job in relay.jobs(order) if job.kind == "cancellation"]
    assert (ticket.reason, ticket.pickup_number, ticket.lines) == ("guest left", order.pickup_number, job.ticket.lines)
    relay.cancelled(order)
    assert agent.jobs() == []


def test_a_ticket_at_the_agent_is_asked_back_and_its_answer_decides(relay: Relay, agent: Hand) -> None:
    back, out = relay.order(agent.store), relay.order(agent.store)
    for order in (back, out):
        relay.paid(order)
    agent.heard()
    for order in (back, out):
        relay.cancelled(order)
    [first], [second] = relay.jobs(back), relay.jobs(out)
    assert [(frame["type"], frame["job"]) for frame in agent.heard()] == [("cancel", first.id), ("cancel", second.id)]
    agent.end(first.id, "cancelled", code="withdrawn")
    assert made(relay, back) == [("kitchen", "kitchen", "cancelled")]
    frames = agent.end(second.id)
    assert [frame["kind"] for frame in frames if frame["type"] == "job"] == ["cancellation"]


def test_a_slip_follows_though_a_person_has_withdrawn_the_ticket_too(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store)
    relay.paid(order)
    [job] = relay.jobs(order)
    relay.cancelled(order)
    with relay.shift(agent.store) as shift:
        actions.cancel(shift, actions.locked_job(shift, job.id))
    agent.end(job.id)
    assert made(relay, order) == [("cancellation", "kitchen", "sent"), ("kitchen", "kitchen", "printed")]


@pytest.mark.parametrize("how", ["forgets", "revoked", "lost"])
def test_a_slip_follows_a_ticket_of_which_its_agent_cannot_tell(relay: Relay, agent: Hand, how: str) -> None:
    order = relay.order(agent.store)
    second = relay.agent(agent.store, "till-2")
    if how == "lost":
        second.arrive()
        agent.arrive()
    relay.paid(order)
    [job] = relay.jobs(order)
    relay.cancelled(order)
    agent.say("progress", job=job.id, state="printing", at=relay.now.timestamp())
    if how == "forgets":
        agent.journal = "journal-2"
        agent.arrive()
    elif how == "revoked":
        with relay.shift(agent.store) as shift:
            revocation.revoke(shift, agent.id)
        second.arrive()
    else:
        relay.wait(seconds=100)
        second.say("beat")
        relay.later(seconds=30)
    assert made(relay, order) == [("cancellation", "kitchen", "sent"), ("kitchen", "kitchen", "unknown")]


def test_an_unknown_ticket_gets_its_slip_too(relay: Relay, agent: Hand) -> None:
    order = relay.order(agent.store)
    relay.paid(order)
    agent.end(relay.jobs(order)[0].id, "unknown", code="no_proof")
    agent.heard()
    relay.cancelled(order)
    assert [frame["kind"] for frame in agent.jobs()] == ["cancellation"]
