"""With time a job is sent again, expires, or alerts a person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from functions.printing import send_due_jobs, watch_fleet
from tests.functions.printing.conftest import Hand, Relay, key_of

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


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


def test_what_is_not_acknowledged_in_20_seconds_is_sent_again_as_the_same_job(
    relay: Relay, agent: Hand, store: str
) -> None:
    agent.arrive()
    job = relay.printed(store)
    [first] = agent.jobs()
    relay.later(seconds=19)
    assert agent.jobs() == []
    relay.later(seconds=1)
    assert agent.jobs() == [first]
    agent.say("ack", job=job)
    assert beat(relay, agent, 120) == []
    assert relay.job(store, job).attempts == 2


@pytest.mark.parametrize("state", ["printed", "failed", "unknown", "expired"])
def test_nothing_that_has_ended_is_ever_sent_again(relay: Relay, agent: Hand, store: str, state: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.end(job, state)
    agent.heard()
    for _ in range(10):
        relay.later(hours=3)
        assert [frame["type"] for frame in agent.arrive()] == ["welcome"]
    assert relay.rows("SELECT COUNT(*) FROM print_jobs") == [(1,)]


def test_what_goes_wrong_in_one_store_keeps_no_other_waiting(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_due_jobs, "BATCH", 2)  # the broken store's jobs are more than a pass takes
    broken, fine = relay.store(), relay.store()
    agents = relay.agent(broken), relay.agent(fine)
    for agent in agents:
        agent.arrive()
    for _ in range(3):
        relay.printed(broken)
    relay.wait(seconds=1)
    job = relay.printed(fine)
    agents[1].heard()
    with relay.env.db.transaction() as transaction:
        statement = "UPDATE print_stores SET routing = JSON_SET(routing, '$.heartbeat', 0) WHERE store_id = %s"
        transaction.execute(statement, (key_of(broken),))  # a version to come has written something
    with pytest.raises(ValidationError):  # which an alarm sees
        relay.later(seconds=25)
    assert [frame["job"] for frame in agents[1].jobs()] == [job]
    relay.wait(seconds=260)
    with pytest.raises(ValidationError):
        watch_fleet.watch_fleet(relay.env, relay.now + timedelta(seconds=40))
    assert relay.rows(f"SELECT offline_at IS NULL FROM print_agents WHERE id = '{agents[1].id}'") == [(0,)]


def test_a_ticket_that_nobody_could_take_expires_and_a_person_is_told(
    relay: Relay, store: str, announced: Said
) -> None:
    job = relay.printed(store)
    relay.later(minutes=3)
    relay.later(minutes=28)
    assert relay.job(store, job).state == "expired"
    messages = [(kind, data.get("reason"), data.get("code")) for kind, data in announced()]
    assert messages == [
        ("print.job_queued", None, None),
        ("printing.needs_person", "waiting", "agent_offline"),
        ("print.job_expired", None, "agent_offline"),
        ("printing.needs_person", "expired", "agent_offline"),
    ]


def test_a_late_ticket_is_asked_back_from_an_agent_that_never_acknowledged_it(
    relay: Relay, agent: Hand, store: str
) -> None:
    agent.arrive()
    job = relay.printed(store)
    frames = beat(relay, agent, 31 * 60)
    assert {frame["type"] for frame in frames} == {"job", "cancel"}
    assert frames[-1] == {"type": "cancel", "job": job, "printer": "kitchen", "reason": "late"}
    agent.end(job, "cancelled", code="withdrawn")
    ended = relay.job(store, job)
    assert (ended.state, ended.code, ended.attention) == ("expired", "late", "expired")


def test_a_job_that_asks_for_leave_at_its_deadline_expires(relay: Relay, store: str, pair: tuple[Hand, Hand]) -> None:
    first, _ = pair
    first.arrive()
    job = relay.printed(store)
    first.say("ack", job=job)
    relay.wait(minutes=30)
    assert [frame["type"] for frame in first.say("begin", job=job)] == ["cancel"]
    first.end(job, "cancelled", code="withdrawn")
    assert (relay.job(store, job).state, relay.job(store, job).attention) == ("expired", "expired")


def test_what_an_agent_gives_back_unasked_is_made_anew_once_and_then_goes_to_a_person(
    relay: Relay, agent: Hand, store: str
) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.heard()
    [anew] = [frame["job"] for frame in agent.end(job, "cancelled", code="withdrawn") if frame["type"] == "job"]
    assert (relay.job(store, anew).printer, relay.job(store, anew).moved_from) == ("kitchen", job)
    assert [frame["type"] for frame in agent.end(anew, "cancelled", code="withdrawn")] == ["noted"]
    assert (relay.job(store, anew).state, relay.job(store, anew).attention) == ("failed", "failed")


def test_a_person_is_told_once_of_a_job_that_stands_still(
    relay: Relay, agent: Hand, store: str, announced: Said
) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.say("ack", job=job)
    agent.say("progress", job=job, state="printing", at=relay.now.timestamp(), held="paper_out")
    announced()
    beat(relay, agent, 600)
    messages = [(kind, data["reason"], data["code"]) for kind, data in announced()]
    assert messages == [("printing.needs_person", "waiting", "paper_out")]
    agent.end(job)
    assert (relay.job(store, job).state, relay.job(store, job).attention) == ("printed", None)


@pytest.fixture
def pair(relay: Relay, store: str) -> tuple[Hand, Hand]:
    """Two agents of a store, the first of which prints."""
    first, second = relay.agent(store, "till-1"), relay.agent(store, "till-2")
    assert first.arrive()[0]["role"] == "printing"
    assert second.arrive()[0]["role"] == "standby"
    return first, second
