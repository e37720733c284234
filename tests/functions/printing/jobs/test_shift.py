"""A shift sends as many jobs as the agent has room for, in the order of the printer."""

from dataclasses import replace

import pytest

from functions.printing.jobs import actions
from tests.functions.printing.conftest import Hand, Relay


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


def test_a_printer_gets_twenty_jobs_at_a_time_and_five_that_are_not_acknowledged(
    relay: Relay, agent: Hand, store: str
) -> None:
    jobs = [relay.printed(store) for _ in range(23)]
    had = [frame["job"] for frame in agent.arrive() if frame["type"] == "job"]
    assert had == jobs[:5]
    for job in jobs[:20]:
        had += [frame["job"] for frame in agent.say("ack", job=job) if frame["type"] == "job"]
    assert had == jobs[:20]
    assert [frame["job"] for frame in agent.end(jobs[0]) if frame["type"] == "job"] == jobs[20:21]


def test_frames_of_a_shift_that_fails_never_leave(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    with pytest.raises(ZeroDivisionError), relay.shift(store) as shift:
        actions.print_test_page(shift, "kitchen", [])
        raise ZeroDivisionError
    assert agent.heard() == []
    assert relay.rows("SELECT COUNT(*) FROM print_jobs") == [(0,)]


def test_agent_that_prints_is_read_once_and_a_newer_state_replaces_it(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    with relay.shift(store) as shift:
        first = shift.agent
        assert first is not None
        assert shift.agent is first
        shift.remember(replace(first, connection_id=None))
        actions.print_test_page(shift, "kitchen", [])
    assert agent.heard() == []  # the newer state has no connection


def test_jobs_of_an_agent_that_is_off_line_wait(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    relay.wait(seconds=246)  # two heartbeats and six seconds
    with relay.shift(store) as shift:
        [job] = [actions.print_test_page(shift, "kitchen", [])]
    assert (job.state, agent.heard()) == ("queued", [])
