"""The fleet: which store can print, and which jobs wait for a person."""

from collections.abc import Callable

import pytest

from tests.functions.printing.conftest import Hand, Office, Relay


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    found = relay.agent(store)
    found.arrive()
    return found


@pytest.fixture
def unknown(relay: Relay, store: str, agent: Hand) -> str:
    """A job of which nobody can say whether it is on paper."""
    job = relay.printed(store)
    agent.end(job, "unknown", evidence="E", code="no_proof")
    return job


def test_the_fleet_tells_who_can_print_and_what_waits_for_a_person(
    office: Office, relay: Relay, store: str, agent: Hand, unknown: str
) -> None:
    [found] = office("GET", "/fleet?chain=demo").json["stores"]
    assert (found["store"], found["can_print"]) == (store, True)
    assert [(one["id"], one["state"]) for one in found["agents"]] == [(agent.id, "online")]
    assert [(one["id"], one["can_print"], one["paper"]) for one in found["printers"]] == [("kitchen", True, "ok")]
    assert (found["jobs_for_person"], [job["id"] for job in found["jobs"]]) == (1, [unknown])
    stopped = {"state": "stopped", "paper": "out", "cover": "closed", "error": "none", "proof": "echo"}
    agent.say("printer", printer="kitchen", at=relay.now.timestamp(), **stopped)
    waiting = relay.printed(store)
    [found] = office("GET", "/fleet?chain=demo").json["stores"]
    [printer] = found["printers"]
    assert (found["can_print"], printer["can_print"], printer["paper"]) == (False, False, "out")
    assert (printer["open_jobs"], relay.job(store, waiting).state) == (1, "sent")


def test_printers_of_an_agent_that_is_away_cannot_print(office: Office, relay: Relay, store: str, agent: Hand) -> None:
    del agent
    relay.wait(seconds=2 * 60 + 6)  # two heartbeats and five seconds
    [found] = office("GET", "/fleet?chain=demo").json["stores"]
    assert (found["can_print"], found["agents"][0]["state"], found["printers"][0]["state"]) == (
        False,
        "offline",
        "ready",
    )
    assert found["printers"][0]["can_print"] is False
    assert store == found["store"]


def test_the_fleet_comes_by_pages_and_as_far_as_the_key_reaches(
    office: Office, office_with: Callable[..., Office], relay: Relay
) -> None:
    stores = sorted(relay.store() for _ in range(3))
    first = office("GET", "/fleet?chain=demo&limit=2").json
    rest = office("GET", f"/fleet?chain=demo&limit=2&cursor={first['next']}").json
    assert [one["store"] for one in (*first["stores"], *rest["stores"])] == stores
    assert rest["next"] is None
    read = ["printing:read"]
    seen = {
        at: [one["store"] for one in office_with(read, at)("GET", "/fleet?chain=demo").json["stores"]]
        for at in (f"store:demo:{stores[1]}", "region:demo:east", "region:demo:west")
    }
    assert seen == {
        f"store:demo:{stores[1]}": [stores[1]],
        "region:demo:east": stores,
        "region:demo:west": [],
    }
    for rights, at in ((["orders:read"], "chain:demo"), (read, "chain:other"), (read, "region:other:east")):
        assert office_with(rights, at)("GET", "/fleet?chain=demo").status == 403
