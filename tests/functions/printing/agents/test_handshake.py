"""The first frame of a connection: a welcome, a role, and the jobs that wait."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.spine.epoch import advance_epoch
from tests.functions.printing.conftest import Hand, Relay

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


def test_the_first_agent_of_a_store_is_welcomed_to_print(agent: Hand, relay: Relay, announced: Said) -> None:
    [welcome] = agent.arrive()
    assert welcome == {
        "type": "welcome", "protocol": 1, "time": relay.now.timestamp(), "heartbeat": 120, "lifetime": 7000,
        "role": "printing", "confirm": False, "epoch": 0, "capabilities": ["bundle"],
    }  # fmt: skip
    assert [(kind, data.get("state")) for kind, data in announced()] == [
        ("printing.agent_online", None), ("printing.printer_changed", "ready"),
    ]  # fmt: skip


def test_a_welcome_has_the_epoch_of_the_database(agent: Hand, relay: Relay) -> None:
    with relay.env.db.transaction() as transaction:
        advance_epoch(transaction, relay.now)
    assert agent.arrive()[0]["epoch"] == 1


def test_an_agent_of_a_protocol_to_come_is_told_what_is_spoken_here(agent: Hand) -> None:
    assert agent.arrive(protocol=3, oldest=2) == [
        {"type": "error", "code": "protocol_unsupported", "about": "hello", "oldest": 1, "newest": 1}
    ]
    assert agent.arrive(protocol=3, oldest=1)[0]["protocol"] == 1


def test_what_waited_comes_behind_the_welcome_in_order(relay: Relay, agent: Hand, store: str) -> None:
    jobs = [relay.printed(store) for _ in range(3)]
    welcome, *frames = agent.arrive()
    assert welcome["type"] == "welcome"
    assert [(f["job"], f["seq"], f["after"]) for f in frames] == [(jobs[0], 1, 0), (jobs[1], 2, 1), (jobs[2], 3, 2)]


def test_lost_acknowledgements_are_made_good_by_the_cursor(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    jobs = [relay.printed(store) for _ in range(3)]
    agent.heard()
    frames = agent.arrive(cursor={"kitchen": 2})
    assert [frame["job"] for frame in frames if frame["type"] == "job"] == jobs[2:]
    assert [relay.job(store, job).state for job in jobs] == ["received", "received", "sent"]


def test_an_agent_that_has_forgotten_makes_what_it_had_unknown(
    relay: Relay, agent: Hand, store: str, announced: Said
) -> None:
    agent.arrive()
    had, ended = relay.printed(store), relay.printed(store)
    agent.say("ack", job=had)
    agent.end(ended)
    announced()
    agent.journal = "journal-2"
    frames = agent.arrive()
    assert [frame["type"] for frame in frames] == ["welcome"]
    assert (relay.job(store, had).state, relay.job(store, ended).state) == ("unknown", "printed")
    assert [kind for kind, _ in announced()] == ["print.job_unknown", "printing.needs_person"]
