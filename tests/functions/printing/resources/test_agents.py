"""Agents over HTTP: revocation, codes, guesses."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.printing.conftest import Hand, Office, Relay

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    agent = relay.agent(store)
    agent.arrive()
    return agent


@pytest.fixture
def unknown(relay: Relay, store: str, agent: Hand) -> str:
    """A job of which nobody can say whether it is on paper."""
    job = relay.printed(store)
    agent.end(job, "unknown", evidence="E", code="no_proof")
    return job


def test_a_revoked_agent_is_hung_up_on_and_its_jobs_go_to_a_person(
    office: Office, relay: Relay, store: str, agent: Hand, announced: Said
) -> None:
    job = relay.printed(store)
    agent.heard()
    revoked = office("DELETE", f"/stores/{store}/agents/{agent.id}")
    assert (revoked.status, revoked.json["state"]) == (200, "revoked")
    assert [frame["code"] for frame in agent.heard()] == ["revoked"]
    assert relay.gateway.hung_up == [agent.connection]
    ended = relay.job(store, job)
    assert (ended.state, ended.code, ended.attention) == ("unknown", "agent_revoked", "unknown")
    assert [data["agent"] for kind, data in announced() if kind == "printing.agent_offline"] == [agent.id]
    assert [frame["code"] for frame in agent.arrive()] == ["revoked"]
    assert office("DELETE", f"/stores/{store}/agents/{agent.id}").json["state"] == "revoked"
    assert office("DELETE", f"/stores/{relay.store()}/agents/{agent.id}").json["code"] == "unknown_agent"


def test_of_two_agents_the_other_one_prints_what_the_revoked_one_had(office: Office, relay: Relay, store: str) -> None:
    first = relay.agent(store, "till-1")
    relay.wait(seconds=1)
    second = relay.agent(store, "till-2")
    first.arrive()
    second.arrive()
    first.arrive()  # hears that it must ask before it begins
    job = relay.printed(store)
    listed = office("GET", f"/stores/{store}/agents").json["agents"]
    assert [(document["name"], document["state"], document["printing"]) for document in listed] == [
        ("till-1", "online", True), ("till-2", "online", False)
    ]  # fmt: skip
    office("DELETE", f"/stores/{store}/agents/{first.id}")
    assert [frame["job"] for frame in second.jobs()] == [job]
    assert relay.job(store, job).state == "sent"


def test_codes_that_nobody_used_are_ended(office: Office, relay: Relay, store: str) -> None:
    del relay
    for _ in range(2):
        office("POST", "/codes", {"store": store})
    assert office("DELETE", f"/codes?store={store}").json == {"chain": "demo", "store": store, "ended": 2}
    assert office("DELETE", f"/codes?store={store}").json["ended"] == 0


def test_whoever_guesses_codes_is_made_to_wait(office: Office, relay: Relay, store: str) -> None:
    body = {"key": "A" * 43, "name": "till", "agent": "0.1.0", "protocol": 1}
    code = office("POST", "/codes", {"store": store}).json["code"]
    guesses = [office("POST", "/enrolments", body | {"code": f"0000-{n:04}"}) for n in range(11)]
    assert [answer.status for answer in guesses] == [404] * 10 + [429]
    refused = office("POST", "/enrolments", body | {"code": code})
    assert (refused.status, refused.headers["retry-after"]) == (429, "30")
    relay.wait(seconds=31)
    assert office("POST", "/enrolments", body | {"code": code}).status == 201
