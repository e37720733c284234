"""A job whose printer cannot print goes to the backup, once the agent has returned it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.printing.conftest import READY, Hand, Relay

Said = Callable[[], list[tuple[str, dict[str, Any]]]]
STOPPED = READY | {"state": "stopped", "paper": "out"}
WITH_BACKUP = {
    "stations": [{"id": "kitchen_hot", "name": "Hot", "printer": "kitchen", "backup": "bar"}],
    "heartbeat": 60,
}


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


def beat(relay: Relay, agent: Hand, seconds: int) -> list[dict[str, Any]]:
    """Time passes with an agent that is there; what it hears but for beats, and each role that comes with them once."""
    frames = []
    for _ in range(seconds // 20):
        relay.wait(seconds=20)
        frames += agent.say("beat")
        relay.tick()
    answers = [frame for frame in [*frames, *agent.heard()] if frame["type"] != "beat"]
    return [frame for at, frame in enumerate(answers) if frame["type"] != "role" or frame not in answers[:at]]


def test_a_job_whose_printer_cannot_print_is_asked_back_and_goes_to_the_backup(relay: Relay) -> None:
    store = relay.store(WITH_BACKUP)
    agent = relay.agent(store)
    agent.arrive("kitchen", "bar")
    agent.say("printer", printer="kitchen", **STOPPED, at=relay.now.timestamp())
    job = relay.printed(store)
    agent.heard()
    agent.say("ack", job=job)
    assert beat(relay, agent, 40) == []
    [cancel] = beat(relay, agent, 20)
    assert (cancel["type"], cancel["job"]) == ("cancel", job)
    frames = agent.end(job, "cancelled", code="withdrawn")
    [at_backup] = [frame for frame in frames if frame["type"] == "job"]
    assert (at_backup["printer"], at_backup["job"] != job) == ("bar", True)
    assert relay.job(store, at_backup["job"]).moved_from == job


def test_a_job_that_was_begun_stays_where_it_is(relay: Relay) -> None:
    store = relay.store(WITH_BACKUP)
    agent = relay.agent(store)
    agent.arrive("kitchen", "bar")
    job = relay.printed(store)
    agent.say("progress", job=job, state="printing", at=relay.now.timestamp())
    agent.say("printer", printer="kitchen", **STOPPED, at=relay.now.timestamp())
    agent.heard()
    assert beat(relay, agent, 300) == []


def acknowledged_where_nothing_prints(relay: Relay) -> tuple[str, Hand, str]:
    """Store, agent and a job of a printer that has stopped and has a backup."""
    store = relay.store(WITH_BACKUP)
    agent = relay.agent(store)
    agent.arrive("kitchen", "bar")
    agent.say("printer", printer="kitchen", **STOPPED, at=relay.now.timestamp())
    job = relay.printed(store)
    agent.say("ack", job=job)
    return store, agent, job


def test_a_withdrawn_job_that_had_been_printed_after_all_is_not_moved(relay: Relay) -> None:
    _, agent, job = acknowledged_where_nothing_prints(relay)
    beat(relay, agent, 60)
    assert [frame["type"] for frame in agent.end(job)] == ["noted"]
    assert relay.rows("SELECT COUNT(*) FROM print_jobs") == [(1,)]


def test_a_lost_cancel_is_said_again(relay: Relay) -> None:
    store, agent, job = acknowledged_where_nothing_prints(relay)
    beat(relay, agent, 40)
    relay.gateway.failing = True
    relay.later(seconds=25)
    relay.gateway.failing = False
    assert relay.job(store, job).withdrawn == "moved"
    assert [frame["type"] for frame in beat(relay, agent, 20)] == ["cancel"]


def test_a_job_that_expires_on_its_way_to_the_backup_is_told_once(relay: Relay, announced: Said) -> None:
    _, agent, job = acknowledged_where_nothing_prints(relay)
    beat(relay, agent, 60)
    relay.wait(minutes=30)
    announced()
    agent.end(job, "expired", code="late")
    assert [kind for kind, _ in announced()] == ["print.job_expired", "printing.needs_person"]


def test_without_a_backup_it_waits_for_its_printer(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    agent.say("printer", printer="kitchen", **STOPPED, at=relay.now.timestamp())
    job = relay.printed(store)
    agent.heard()
    agent.say("ack", job=job)
    assert beat(relay, agent, 300) == []
