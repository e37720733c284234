"""The effect of each frame of an agent on its jobs and printers (docs/develop/print-link.md)."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.printing.states import JobState
from tests.functions.printing.conftest import READY, Hand, Relay

Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


def test_a_job_goes_from_queued_to_printed_with_its_evidence(
    relay: Relay, agent: Hand, store: str, announced: Said
) -> None:
    agent.arrive()
    announced()
    job = relay.printed(store)
    states = [relay.job(store, job).state]
    agent.say("ack", job=job)
    states.append(relay.job(store, job).state)
    agent.say("progress", job=job, state="printing", at=relay.now.timestamp())
    states.append(relay.job(store, job).state)
    assert agent.end(job, evidence="B") == [{"type": "noted", "jobs": [job]}]
    ended = relay.job(store, job)
    assert [*states, ended.state] == ["sent", "received", "printing", "printed"]
    assert (ended.evidence, ended.attempts, ended.agent_id) == ("B", 1, agent.id)
    kinds = [kind for kind, _ in announced()]
    assert kinds == ["print.job_queued", "print.job_printed"]


def test_frames_in_any_order_end_in_the_same_state(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.end(job)
    agent.say("progress", job=job, state="printing", at=relay.now.timestamp())
    agent.say("ack", job=job)
    assert relay.job(store, job).state == "printed"


def test_the_first_result_is_final_and_every_one_is_noted(
    relay: Relay, agent: Hand, store: str, announced: Said
) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.end(job, "unknown", code="agent_stopped")
    announced()
    assert agent.end(job, "printed") == [{"type": "noted", "jobs": [job]}]
    assert relay.job(store, job).state == "unknown"
    assert announced() == []


@pytest.mark.parametrize(
    ("state", "types"),
    [
        ("failed", ["print.job_failed", "printing.needs_person"]),
        ("unknown", ["print.job_unknown", "printing.needs_person"]),
        ("expired", ["print.job_expired", "printing.needs_person"]),
        ("cancelled", ["print.job_cancelled", "print.job_queued"]),
    ],
)
def test_an_end_without_paper_is_told_and_a_person_with_it(
    relay: Relay, agent: Hand, store: str, announced: Said, state: str, types: list[str]
) -> None:
    agent.arrive()
    job = relay.printed(store)
    announced()
    agent.end(job, state, code="stuck")
    messages = announced()
    assert [kind for kind, _ in messages] == types
    assert {data["job"] for kind, data in messages if kind != "print.job_queued"} == {job}


def test_another_store_s_job_is_refused_and_stays_as_it_is(relay: Relay, agent: Hand) -> None:
    elsewhere = relay.store()
    stranger = relay.agent(elsewhere)
    stranger.arrive()
    job = relay.printed(elsewhere)
    agent.arrive()
    for frame in (
        agent.say("ack", job=job), agent.say("begin", job=job), agent.end(job),
        agent.say("progress", job=job, state="printing", at=1.0), agent.say("refuse", job=job, code="digest_wrong"),
    ):  # fmt: skip
        assert {"type": "error", "code": "unknown_job", "job": job} in frame
    assert relay.job(elsewhere, job).state == JobState.SENT


def test_a_refused_job_goes_again_at_once_but_not_for_ever(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.heard()
    again = [agent.say("refuse", job=job, code="parts_missing") for _ in range(6)]
    assert [len(frames) for frames in again] == [1, 1, 1, 0, 0, 0]


def test_a_full_journal_is_given_time(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.heard()
    assert agent.say("refuse", job=job, code="journal_full") == []
    relay.later(seconds=21)
    assert [frame["job"] for frame in agent.jobs()] == [job]


def test_a_printer_that_runs_out_of_paper_is_told_at_once_and_once(agent: Hand, announced: Said, relay: Relay) -> None:
    agent.arrive()
    announced()
    for _ in range(2):
        at = relay.now.timestamp()
        agent.say("printer", printer="kitchen", **READY | {"state": "stopped", "paper": "out"}, at=at)
    [(kind, data)] = announced()
    assert kind == "printing.printer_changed"
    assert (data["printer"], data["state"], data["paper"], data["can_print"]) == ("kitchen", "stopped", "out", False)


def test_a_printer_at_whose_address_another_one_answers_is_told_and_shown(
    agent: Hand, announced: Said, relay: Relay
) -> None:
    agent.arrive()
    announced()
    at = relay.now.timestamp()
    agent.say("printer", printer="kitchen", state="unreachable", proof="echo", trouble="other_printer", at=at)
    [(kind, data)] = announced()
    assert (kind, data["can_print"], data["trouble"]) == ("printing.printer_changed", False, "other_printer")
    assert relay.rows("SELECT trouble FROM print_printers") == [("other_printer",)]
    agent.say("printer", printer="kitchen", **READY, at=at)
    assert relay.rows("SELECT trouble FROM print_printers") == [(None,)]


def test_an_older_word_about_a_printer_does_not_overtake(agent: Hand, relay: Relay) -> None:
    agent.arrive()
    relay.wait(seconds=5)
    now = relay.now.timestamp()
    agent.say("printer", printer="kitchen", **READY | {"state": "stopped"}, at=now - 1)
    agent.say("printer", printer="kitchen", **READY, at=now - 2)
    assert relay.rows("SELECT state FROM print_printers") == [("stopped",)]


def test_a_printer_s_word_from_the_future_is_one_of_now(agent: Hand, relay: Relay) -> None:
    agent.arrive()
    agent.say("printer", printer="kitchen", **READY, at=relay.now.timestamp() + 10**8)
    relay.wait(seconds=10)
    agent.say("printer", printer="kitchen", **READY | {"state": "stopped"}, at=relay.now.timestamp())
    assert relay.rows("SELECT state FROM print_printers") == [("stopped",)]


@pytest.mark.parametrize("kind", ["progress", "result"])
def test_nothing_has_begun_in_the_future(agent: Hand, relay: Relay, store: str, kind: str) -> None:
    agent.arrive()
    job = relay.printed(store)
    at = relay.now.timestamp() + 10**6
    if kind == "progress":
        agent.say("progress", job=job, state="printing", at=at)
    else:
        agent.end(job, began=at)
    assert relay.job(store, job).begun_at == relay.now


def test_a_beat_is_answered_with_the_time(agent: Hand, relay: Relay) -> None:
    agent.arrive()
    assert agent.say("beat") == [{"type": "beat", "time": relay.now.timestamp()}]


def test_the_newest_connection_is_sent_on_and_the_old_one_s_end_ends_nothing(
    relay: Relay, agent: Hand, store: str
) -> None:
    agent.arrive()
    old = agent.connection
    agent.arrive()
    new, agent.connection = agent.connection, old
    assert agent.say("bye", reason="reconnected") == []
    agent.leave()
    agent.connection = new
    relay.printed(store)
    assert len(agent.jobs()) == 1
