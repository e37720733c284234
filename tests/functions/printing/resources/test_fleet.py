"""The fleet: which store can print, and which jobs wait for a person."""

from collections.abc import Callable

import pytest

from tests.functions.printing.conftest import Hand, Office, Relay


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


def test_the_fleet_tells_who_can_print_and_what_waits_for_a_person(
    office: Office, relay: Relay, store: str, agent: Hand, unknown: str
) -> None:
    [document] = office("GET", "/fleet?chain=demo").json["stores"]
    assert (document["store"], document["can_print"]) == (store, True)
    assert [(entry["id"], entry["state"]) for entry in document["agents"]] == [(agent.id, "online")]
    assert [(entry["id"], entry["can_print"], entry["paper"]) for entry in document["printers"]] == [
        ("kitchen", True, "ok")
    ]
    assert (document["jobs_for_person"], [job["id"] for job in document["jobs"]]) == (1, [unknown])
    stopped = {"state": "stopped", "paper": "out", "cover": "closed", "error": "none", "proof": "echo"}
    agent.say("printer", printer="kitchen", at=relay.now.timestamp(), **stopped)
    waiting = relay.printed(store)
    [document] = office("GET", "/fleet?chain=demo").json["stores"]
    [printer] = document["printers"]
    assert (document["can_print"], printer["can_print"], printer["paper"]) == (False, False, "out")
    assert (printer["open_jobs"], relay.job(store, waiting).state) == (1, "sent")


def test_printers_of_an_agent_that_is_away_cannot_print(office: Office, relay: Relay, store: str, agent: Hand) -> None:
    del agent
    relay.wait(seconds=2 * 120 + 6)  # two heartbeats and five seconds
    [document] = office("GET", "/fleet?chain=demo").json["stores"]
    assert document["can_print"] is False
    assert (document["agents"][0]["state"], document["printers"][0]["state"]) == ("offline", "ready")
    assert document["printers"][0]["can_print"] is False
    assert store == document["store"]


def test_the_fleet_comes_by_pages_and_as_far_as_the_key_reaches(
    office: Office, office_with: Callable[..., Office], relay: Relay
) -> None:
    stores = sorted(relay.store() for _ in range(3))
    first = office("GET", "/fleet?chain=demo&limit=2").json
    second = office("GET", f"/fleet?chain=demo&limit=2&cursor={first['next']}").json
    assert [entry["store"] for entry in (*first["stores"], *second["stores"])] == stores
    assert second["next"] is None
    read = ["printing:read"]
    visible = {
        at: [entry["store"] for entry in office_with(read, at)("GET", "/fleet?chain=demo").json["stores"]]
        for at in (f"store:demo:{stores[1]}", "region:demo:east", "region:demo:west")
    }
    assert visible == {
        f"store:demo:{stores[1]}": [stores[1]],
        "region:demo:east": stores,
        "region:demo:west": [],
    }
    for rights, at in ((["orders:read"], "chain:demo"), (read, "chain:other"), (read, "region:other:east")):
        assert office_with(rights, at)("GET", "/fleet?chain=demo").status == 403
