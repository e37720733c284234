"""A silent agent is announced as off line after two heartbeats and five seconds."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.functions.printing.conftest import ONE_KITCHEN, Hand, Relay

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


@pytest.mark.parametrize(("heartbeat", "seconds"), [(None, 245), (60, 125), (15, 35)])
def test_an_agent_is_off_line_after_two_heartbeats_and_five_seconds(
    relay: Relay, agent: Hand, store: str, announced: Said, heartbeat: int | None, seconds: int
) -> None:
    relay.route(store, ONE_KITCHEN | {"heartbeat": heartbeat})
    agent.arrive()
    announced()
    relay.later(seconds=seconds - 1)
    assert announced() == []
    relay.later(seconds=2)
    [(kind, data)] = announced()
    assert (kind, data["agent"]) == ("printing.agent_offline", agent.id)
    relay.later(seconds=600)
    assert announced() == []
    agent.arrive()
    assert [kind for kind, _ in announced()] == ["printing.agent_online"]


def test_any_frame_is_a_sign_of_life(relay: Relay, agent: Hand, announced: Said) -> None:
    agent.arrive()
    announced()
    beat(relay, agent, 600)
    assert announced() == []


def test_an_agent_that_was_given_up_and_speaks_is_asked_to_come_again(relay: Relay, agent: Hand) -> None:
    agent.arrive()
    relay.later(seconds=250)
    assert {"type": "reconnect", "within": 1} in agent.say("beat")


def test_old_nonces_and_connections_are_dropped(relay: Relay, agent: Hand) -> None:
    agent.arrive()
    relay.later(minutes=3)
    assert len(relay.rows("SELECT * FROM print_nonces")) == 1
    relay.later(minutes=2)
    assert relay.rows("SELECT * FROM print_nonces") == []
    relay.later(hours=3)
    assert relay.rows("SELECT * FROM print_connections") == []
