"""A disk image of program store's machine that is started in another store: the same identity, twice."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.printing import api
from shared.spine import entry
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.functions.printing.conftest import Hand, Relay
from tests.support.orders import Caller, new_key

Said = Callable[[], list[tuple[str, dict[str, Any]]]]
TILL, TILL_AGAIN, ELSEWHERE = ["a" * 32, "b" * 32], ["b" * 32, "c" * 32], ["d" * 32]
COPIED = "printing.agent_copied"


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    return relay.agent(store)


@pytest.fixture
def office(relay: Relay, env: Environment, database: MariaDB) -> Caller:
    """Head office, over the relay's own gateway."""
    return Caller(entry.http(lambda _: api.make_app(relay.env)), new_key(env, database.owner.url))


def copy_of(agent: Hand) -> Hand:
    return Hand(agent.relay, agent.id, agent.key, agent.store, journal=agent.journal)


def agents(office: Caller, store: str) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = office("GET", f"/v1/printing/stores/{store}/agents").json["agents"]
    return documents


def keep(office: Caller, agent: Hand, which: str) -> Any:
    return office("POST", f"/v1/printing/stores/{agent.store}/agents/{agent.id}/machine", {"keep": which})


def test_an_agent_on_another_machine_is_refused_and_a_person_is_told_once(
    relay: Relay, agent: Hand, store: str, office: Caller, announced: Said
) -> None:
    agent.arrive(machine=TILL)
    announced()
    image = copy_of(agent)
    for _ in range(2):
        [answer] = image.arrive(machine=ELSEWHERE)
        assert (answer["type"], answer["code"]) == ("error", "other_machine")
        assert relay.gateway.hung_up[-1] == image.connection
    assert [(kind, data["reason"]) for kind, data in announced()] == [(COPIED, "other_machine")]
    job = relay.printed(store)
    assert [frame["job"] for frame in agent.jobs()] == [job]
    assert image.heard() == []
    [answer_frames] = agents(office, store)
    assert (answer_frames["state"], answer_frames["printing"], answer_frames["copied"]) == (
        "online",
        True,
        "other_machine",
    )


def test_what_comes_behind_a_refused_hello_has_no_effect(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive(machine=TILL)
    job = relay.printed(store)
    image = copy_of(agent)
    image.connection = image.dial()
    hello = {
        "type": "hello", "protocol": 1, "oldest": 1, "agent": "0.1.0", "journal": image.journal, "printers": [],
        "capabilities": ["bundle"], "cursor": {}, "machine": ELSEWHERE,
    }  # fmt: skip
    result = {"type": "result", "job": job, "state": "printed", "at": relay.now.timestamp()}
    image.say("bundle", frames=[hello, result])
    assert relay.job(store, job).state == "sent"
    with pytest.raises(Exception, match="unknown_connection"):
        image.say("result", job=job, state="printed", at=relay.now.timestamp())


def test_a_machine_may_change_bit_by_bit(agent: Hand) -> None:
    assert agent.arrive(machine=TILL)[0]["type"] == "welcome"
    assert agent.arrive(machine=TILL_AGAIN)[0]["type"] == "welcome"
    assert agent.arrive(machine=["c" * 32])[0]["type"] == "welcome"
    assert agent.arrive(machine=TILL)[0]["type"] == "error"


@pytest.mark.parametrize(("first", "then"), [({}, {"machine": TILL}), ({"machine": TILL}, {}), ({"machine": []}, {})])
def test_an_agent_that_does_not_say_its_machine_is_let_in(
    agent: Hand, first: dict[str, Any], then: dict[str, Any]
) -> None:
    assert agent.arrive(**first)[0]["type"] == "welcome"
    assert agent.arrive(**then)[0]["type"] == "welcome"


def test_a_person_says_that_it_has_moved_to_the_new_machine(
    relay: Relay, agent: Hand, store: str, office: Caller
) -> None:
    agent.arrive(machine=TILL)
    job = relay.printed(store)
    agent.say("ack", job=job)
    image = copy_of(agent)
    image.arrive(machine=ELSEWHERE)
    agent.heard()
    answer = keep(office, agent, "new")
    assert (answer.status, answer.json["copied"]) == (200, None)
    assert [frame["code"] for frame in agent.heard()] == ["other_machine"]
    assert agent.connection in relay.gateway.hung_up
    assert (relay.job(store, job).state, relay.job(store, job).code) == ("unknown", "machine_changed")
    assert image.arrive(machine=ELSEWHERE)[0]["role"] == "printing"
    assert agent.arrive(machine=TILL)[0]["code"] == "other_machine"
    relay.printed(store)
    assert len(image.jobs()) == 1


def test_what_had_no_leave_goes_to_the_new_machine(relay: Relay, store: str, office: Caller) -> None:
    first, second = relay.agent(store, "till-1"), relay.agent(store, "till-2")
    for program in (first, second, first):
        program.arrive(machine=TILL)
    job = relay.printed(store)
    first.say("ack", job=job)
    image = copy_of(first)
    image.arrive(machine=ELSEWHERE)
    second.leave()
    relay.wait(seconds=140)
    assert keep(office, first, "new").status == 200
    assert [frame["job"] for frame in image.arrive(machine=ELSEWHERE) if frame["type"] == "job"] == [job]


def test_a_person_says_that_the_other_machine_is_none_of_ours(agent: Hand, store: str, office: Caller) -> None:
    assert keep(office, agent, "new").json["code"] == "no_other_machine"
    agent.arrive(machine=TILL)
    copy_of(agent).arrive(machine=ELSEWHERE)
    assert keep(office, agent, "known").status == 200
    assert [program["copied"] for program in agents(office, store)] == [None]
    assert agent.say("beat")[0]["type"] == "beat"


# Two programs on machines that say nothing of themselves, or the same


def both_live(relay: Relay, first: Hand, second: Hand, minutes: int) -> None:
    for _ in range(minutes):
        relay.wait(seconds=60)
        first.say("beat")
        second.say("beat")


def test_two_programs_that_go_by_one_identity_get_nothing_before_a_person_has_looked(
    relay: Relay, agent: Hand, store: str, office: Caller, announced: Said
) -> None:
    agent.arrive()
    image = copy_of(agent)
    image.arrive()
    announced()
    both_live(relay, agent, image, 3)
    assert [(kind, data["reason"]) for kind, data in announced()] == [(COPIED, "two_connections")]
    relay.printed(store)
    assert agent.jobs() + image.jobs() == []
    for program in (agent, image):
        assert {"type": "role", "role": "standby"} in program.say("beat")
        assert program.arrive()[0]["role"] == "standby"
    assert [(program["state"], program["copied"]) for program in agents(office, store)] == [
        ("offline", "two_connections")
    ]
    image.leave()
    assert keep(office, agent, "known").status == 200
    answer_frames = agent.arrive()
    assert [frame["type"] for frame in answer_frames] == ["welcome", "job"]


def test_a_third_machine_does_not_end_the_hold(relay: Relay, agent: Hand, store: str, office: Caller) -> None:
    agent.arrive(machine=TILL)
    image = copy_of(agent)
    image.arrive(machine=TILL)
    both_live(relay, agent, image, 3)
    copy_of(agent).arrive(machine=ELSEWHERE)
    assert [program["copied"] for program in agents(office, store)] == ["two_connections"]
    relay.printed(store)
    assert agent.jobs() + image.jobs() == []


def test_the_right_program_hears_at_once_that_it_prints_again(
    relay: Relay, agent: Hand, store: str, office: Caller
) -> None:
    image = copy_of(agent)
    image.arrive()
    agent.arrive()
    both_live(relay, agent, image, 4)
    assert [program["copied"] for program in agents(office, store)] == ["two_connections"]
    job = relay.printed(store)
    image.leave()
    agent.heard()
    assert keep(office, agent, "known").status == 200
    # No beat says so: a store's only agent hears of its role by a welcome alone.
    assert [frame["type"] for frame in agent.heard()] == ["reconnect"]
    assert [frame.get("job") for frame in agent.arrive()] == [None, job]


def test_the_store_s_other_agent_prints_meanwhile(relay: Relay, agent: Hand, store: str) -> None:
    agent.arrive()
    second = relay.agent(store, "till-2")
    second.arrive()
    image = copy_of(agent)
    image.arrive()
    for _ in range(3):
        both_live(relay, agent, image, 1)
        second.say("beat")
    job = relay.printed(store)
    assert job in [frame.get("job") for frame in second.heard()]


def test_what_was_on_its_way_on_the_old_connection_is_no_second_program(
    relay: Relay, agent: Hand, announced: Said
) -> None:
    agent.arrive()
    old = agent.connection
    agent.arrive()
    announced()
    for seconds, words in ((5, 3), (30, 2), (60, 2)):
        relay.wait(seconds=seconds)
        new, agent.connection = agent.connection, old
        for _ in range(words):
            agent.say("beat")
        agent.connection = new
        agent.say("beat")
    relay.wait(seconds=600)
    agent.say("beat")
    assert announced() == []


def test_a_newer_connection_that_the_agent_has_given_up_is_no_second_program(
    relay: Relay, agent: Hand, announced: Said
) -> None:
    agent.arrive()
    old = agent.connection
    agent.arrive()  # and its welcome got lost
    agent.connection = old
    announced()
    for _ in range(5):
        relay.wait(seconds=60)
        agent.say("beat")
    assert announced() == []
