"""Of several agents in a store hand prints, and the others stand by."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import pytest

from functions.printing.agents import revocation, roles
from functions.printing.jobs import actions
from functions.printing.jobs.shift import Shift
from functions.printing.tables.setups import read_setup
from shared.spine.env import Environment
from tests.functions.printing.conftest import ONE_KITCHEN, READY, Hand, Relay, key_of

Said = Callable[[], list[tuple[str, dict[str, Any]]]]
STOPPED = READY | {"state": "stopped", "paper": "out"}
STANDBY, PRINTING = ({"type": "role", "role": role} for role in ("standby", "printing"))
WITH_BACKUP = {
    "stations": [{"id": "kitchen_hot", "name": "Hot", "printer": "kitchen", "backup": "bar"}],
    "heartbeat": 60,
}


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store(ONE_KITCHEN | {"heartbeat": 60})


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


@pytest.fixture
def pair(relay: Relay, store: str) -> tuple[Hand, Hand]:
    """Two agents of a store, the first of which prints."""
    first, second = relay.agent(store, "till-1"), relay.agent(store, "till-2")
    assert first.arrive()[0]["role"] == "printing"
    assert second.arrive()[0]["role"] == "standby"
    return first, second


def test_of_several_agents_one_prints_and_begins_nothing_without_leave(
    relay: Relay, store: str, pair: tuple[Hand, Hand]
) -> None:
    first, second = pair
    job = relay.printed(store)
    assert [frame["job"] for frame in first.jobs()] == [job]
    assert second.jobs() == []
    first.say("ack", job=job)
    assert first.say("begin", job=job) == [{"type": "go", "job": job}]
    assert first.say("begin", job=job) == [{"type": "go", "job": job}]
    assert second.say("begin", job=job)[0]["type"] == "cancel"


def test_a_role_that_got_lost_comes_with_the_next_beat(relay: Relay, store: str, pair: tuple[Hand, Hand]) -> None:
    _, second = pair
    relay.wait(seconds=100)
    assert second.say("beat")[1:] == [STANDBY]
    relay.wait(seconds=30)
    relay.gateway.failing = True
    relay.tick()
    relay.gateway.failing = False
    job = relay.printed(store)
    assert second.heard()[-1]["job"] == job  # it prints, and does not know
    assert second.say("beat")[1:] == [PRINTING]


def test_an_agent_that_was_alone_comes_back_to_hear_that_it_must_ask(relay: Relay, store: str) -> None:
    first = relay.agent(store)
    assert first.arrive()[0]["confirm"] is False
    second = relay.agent(store, "till-2")
    assert second.arrive()[0]["confirm"] is True
    assert first.heard() == [{"type": "reconnect", "within": 5}]
    assert first.arrive()[0]["confirm"] is True


def test_the_other_agent_gets_what_had_no_leave_and_what_had_is_unknown(
    relay: Relay, store: str, pair: tuple[Hand, Hand], announced: Said
) -> None:
    first, second = pair
    printing_job, held_job, sent = (relay.printed(store) for _ in range(3))
    for job in (printing_job, held_job):
        first.say("ack", job=job)
    first.say("begin", job=printing_job)
    announced()
    frames = beat(relay, second, 140)
    assert frames[:2] == [STANDBY, PRINTING]
    assert [frame["job"] for frame in frames if frame["type"] == "job"][:2] == [held_job, sent]
    assert relay.job(store, printing_job).state == "unknown"
    assert ("printing.agent_offline") in [kind for kind, _ in announced()]
    # The first one was only cut off: it may not begin what it still has.
    assert first.arrive()[0]["role"] == "standby"
    assert [frame["type"] for frame in first.say("begin", job=held_job)] == ["cancel"]
    assert second.say("begin", job=held_job) == [{"type": "go", "job": held_job}]


def test_a_job_that_comes_back_to_an_agent_that_gave_it_away_prints_all_the_same(
    relay: Relay, store: str, pair: tuple[Hand, Hand]
) -> None:
    first, second = pair
    first.arrive()
    job = relay.printed(store)
    first.say("ack", job=job)
    relay.wait(seconds=130)
    second.arrive()  # before the timer: the first one's connection still stands, and hears that it goes
    assert [frame["reason"] for frame in first.heard() if frame["type"] == "cancel"] == ["moved"]
    first.end(job, "cancelled", code="withdrawn")
    relay.wait(seconds=130)
    assert job in [frame.get("job") for frame in first.arrive()]
    [anew] = [frame for frame in first.end(job, "cancelled", code="withdrawn") if frame["type"] == "job"]
    assert relay.job(store, anew["job"]).moved_from == job


def test_of_two_that_come_back_at_once_one_is_told_to_print(
    relay: Relay,
    pair: tuple[Hand, Hand],
    another_env: Callable[..., Environment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = pair
    first.arrive()
    first.leave()
    second.leave()
    relay.later(seconds=200)
    second.relay = replace(relay)
    second.relay.env = another_env(aws_endpoint=relay.gateway.url, websocket_api="print", clock=lambda: relay.now)
    replies: list[Future[list[dict[str, Any]]]] = []

    def choose(*arguments: Any) -> Any:
        """The second hand comes in while the first one's hello is answered."""
        if not replies:
            replies.append(pool.submit(second.arrive))
            wait(replies, timeout=0.5)
        return roles.agent_to_print(*arguments)

    monkeypatch.setattr(
        "functions.printing.agents.handshake.agent_to_print", choose
    )  # there is no other way into that moment
    with ThreadPoolExecutor(1) as pool:
        welcomes = [first.arrive()[0], replies[0].result()[0]]
    assert [welcome["role"] for welcome in welcomes] == ["printing", "standby"]


def revoke(relay: Relay, agent: Hand) -> None:
    with relay.shift(agent.store) as shift:
        revocation.revoke(shift, agent.id)


def test_who_is_left_alone_asks_for_leave_for_a_day(relay: Relay, store: str, pair: tuple[Hand, Hand]) -> None:
    """What the other hand has printed meanwhile may still be in its journal."""
    first, second = pair
    first.arrive()
    job = relay.printed(store)
    first.say("ack", job=job)
    first.leave()
    beat(relay, second, 140)
    second.end(job)
    revoke(relay, second)
    assert first.arrive()[0]["confirm"] is True
    assert [frame["type"] for frame in first.say("begin", job=job)] == ["cancel"]
    relay.wait(hours=23)
    assert first.arrive()[0]["confirm"] is True
    relay.wait(hours=2)
    assert first.arrive()[0]["confirm"] is False


def test_an_agent_that_is_enrolled_for_a_revoked_one_need_not_ask(relay: Relay, store: str, agent: Hand) -> None:
    agent.arrive()
    revoke(relay, agent)
    relay.wait(seconds=1)
    assert relay.agent(store, "till-2").arrive()[0]["confirm"] is False


def test_what_was_on_its_way_to_the_backup_printer_prints_where_the_other_agent_is(relay: Relay) -> None:
    store = relay.store(WITH_BACKUP)
    first, second = relay.agent(store, "till-1"), relay.agent(store, "till-2")
    for hand in (first, second, first):
        hand.arrive("kitchen", "bar")
    first.say("printer", printer="kitchen", **STOPPED, at=relay.now.timestamp())
    job = relay.printed(store)
    first.say("ack", job=job)
    beat(relay, first, 60)
    assert relay.job(store, job).withdrawn == "moved"
    assert job in [frame.get("job") for frame in beat(relay, second, 140)]


def test_what_an_agent_could_begin_without_leave_is_not_given_to_another(relay: Relay, store: str) -> None:
    first = relay.agent(store)
    first.arrive()
    job = relay.printed(store)
    first.say("ack", job=job)
    second = relay.agent(store, "till-2")
    second.arrive()
    assert beat(relay, second, 140) == [STANDBY, PRINTING]
    assert (relay.job(store, job).state, relay.job(store, job).attention) == ("received", None)
    relay.later(seconds=60)
    assert relay.job(store, job).attention == "waiting"


def test_who_comes_back_as_standby_is_asked_for_what_it_has(relay: Relay, store: str, agent: Hand) -> None:
    agent.arrive()
    job = relay.printed(store)
    agent.say("ack", job=job)
    relay.later(seconds=130)
    second = relay.agent(store, "till-2")
    second.arrive()
    frames = agent.arrive()
    assert [(frame["type"], frame.get("reason")) for frame in frames] == [("welcome", None), ("cancel", "moved")]
    agent.end(job, "cancelled", code="withdrawn")
    [sent_again] = second.jobs()
    assert relay.job(store, sent_again["job"]).moved_from == job


def test_what_went_to_an_agent_that_had_just_ceased_to_print_goes_to_the_one_that_does(
    relay: Relay, store: str, pair: tuple[Hand, Hand]
) -> None:
    first, second = pair
    first.arrive()
    with relay.env.db.transaction() as transaction:
        before = read_setup(transaction, key_of(store))
    assert before
    beat(relay, second, 140)
    assert first.arrive()[0]["role"] == "standby"
    with relay.env.outbox.work("printing") as work:  # an order that was read a moment before
        job = actions.print_test_page(Shift(relay.env, work, before, relay.now), "kitchen", [])
    assert [frame["job"] for frame in first.jobs()] == [job.id]
    second.heard()
    frames = beat(relay, second, 20)
    assert [frame.get("job") for frame in frames] == [None, job.id]
    assert [frame["type"] for frame in first.heard()] == ["cancel"]


def test_jobs_that_stay_at_a_dead_agent_take_no_room_from_the_next(relay: Relay, store: str) -> None:
    first = relay.agent(store)
    first.arrive()
    for _ in range(5):
        relay.printed(store)  # sent, never acknowledged
    relay.wait(seconds=200)
    second = relay.agent(store, "till-2")
    second.arrive()
    at_once, waits = relay.printed(store), [relay.printed(store) for _ in range(5)]
    assert [frame["job"] for frame in second.jobs()] == [at_once, *waits[:4]]
    assert [frame["job"] for frame in second.say("ack", job=at_once) if frame["type"] == "job"] == waits[4:]


def test_an_agent_learns_the_shorter_heartbeat_when_a_second_one_is_enrolled(relay: Relay) -> None:
    store = relay.store()
    first = relay.agent(store)
    assert first.arrive()[0]["heartbeat"] == 120
    relay.agent(store, "till-2")
    assert first.arrive()[0]["heartbeat"] == 60
