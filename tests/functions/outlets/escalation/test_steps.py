"""Steps of an order that nobody confirms, each made once, and none after an answer."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from functions.outlets.escalation.steps import make_due_steps
from functions.outlets.send_due_notices import send_due_notices
from tests.simulators.chat.fake import FakeChat
from tests.simulators.faults import Fault
from tests.support.outlets import CHAIN, Outlets, path_of, submit

Move = Callable[[float], None]
DUE_AT = "UPDATE outlet_steps SET due_at = %(at)s WHERE step = 1"


@pytest.fixture
def people(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    """A second chat by a second robot, and a person of each role."""
    outlets.add_robot("bot-2", telegram, 2)
    outlets.add_outlet(store, ("bot", "1001"), ("bot-2", "1002"))
    for number, role in enumerate(("call", "second", "head_office", "operations")):
        outlets.add_person(role, "bot-2", f"200{number}")


def chats(telegram: FakeChat) -> list[str]:
    return [arrival.chat for arrival in telegram.arrivals]


@pytest.mark.usefixtures("people")
def test_each_step_reaches_its_chat_once(outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move) -> None:
    outlets.place(store)
    outlets.look()
    assert chats(telegram) == ["1001"]
    for seconds, expected in ((46, ["1002"]), (45, ["2000"]), (90, ["2001"]), (120, ["2002", "2003"])):
        before = len(telegram.arrivals)
        moved_clock(seconds)
        outlets.look()
        outlets.look()
        assert sorted(chats(telegram)[before:]) == expected
    assert telegram.arrivals[1].again
    [notice] = outlets.notices()
    assert [step["state"] for step in notice["steps"]] == ["done"] * 4


@pytest.mark.usefixtures("people")
def test_no_step_follows_an_answer(outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move) -> None:
    outlets.place(store)
    assert submit(path_of(telegram.arrivals[0].links[0]), ready="20").status == 200
    moved_clock(1000)
    outlets.look()
    assert chats(telegram) == ["1001"]


@pytest.mark.parametrize(("automatic", "fulfilment"), [("accept", "accepted"), ("decline", "cancelled")])
def test_the_automatic_answer_comes_before_the_limit(
    outlets: Outlets, store: str, moved_clock: Move, automatic: str, fulfilment: str
) -> None:
    outlets.rules(automatic=automatic, limit_seconds=690, automatic_before_seconds=90)
    order = outlets.place(store)
    moved_clock(599)
    outlets.look()
    assert outlets.order(order)["fulfilment"] == "placed"
    moved_clock(2)
    outlets.look()
    outlets.carry()
    assert outlets.order(order)["fulfilment"] == fulfilment
    assert outlets.notices(f"&state={'confirmed' if automatic == 'accept' else 'declined'}")[0]["evidence"] == "rule"


def test_a_person_is_on_call_on_the_days_of_the_outlets_clock(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.add_person("call", "bot", "3001", last_day="2020-01-01")
    outlets.add_person("call", "bot", "3002", first_day="2020-01-02", last_day="2099-12-31", outlet=store)
    outlets.place(store)
    moved_clock(91)
    outlets.look()
    assert "3002" in chats(telegram)
    assert "3001" not in chats(telegram)


def test_of_many_workers_one_makes_a_step_and_none_after_the_answer(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move, another_env: Callable[..., object]
) -> None:
    outlets.rules(automatic="decline")
    for _ in range(6):
        outlets.place(store)
    links = [path_of(link) for arrival in telegram.arrivals for link in arrival.links[:1]]
    moved_clock(2000)
    workers = [another_env(stage="local", clock=outlets.env.clock) for _ in range(4)]
    begin = threading.Barrier(5)

    def step(number: int) -> None:
        begin.wait()
        if number == 4:
            for link in links:
                submit(link, ready="20")
            return
        make_due_steps(workers[number])  # type: ignore[arg-type]

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(step, range(5)))
    answers = [message for message in outlets.carry() if message["type"] == "outlet.order_answered"]
    assert len(answers) == len({message["subject"] for message in answers}) == 6


def test_a_slow_service_delays_no_step(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.place(store)
    telegram.fail([Fault("slow", seconds=6)])
    made = outlets.api("POST", f"/v1/outlets/announcements{CHAIN}", {"texts": {"en": "News."}, "state": "paused"})
    target = f"/v1/outlets/announcements/{made.json['announcement']}/tests{CHAIN}"
    assert outlets.api("POST", target, {"robot": "bot", "address": "7007", "language": "en"}).status == 201
    now = outlets.env.clock()
    with outlets.env.db.transaction() as transaction:
        transaction.execute(DUE_AT, {"at": now + timedelta(seconds=2)})
    send_due_notices(outlets.env, now + timedelta(seconds=4))
    with outlets.env.db.transaction() as transaction:
        [step] = transaction.rows("SELECT done_at FROM outlet_steps WHERE state = 'done'")
        [told] = transaction.rows("SELECT sent_at FROM outlet_messages WHERE address = '7007'")
    # The step became due in the middle of the call of another message.
    assert step["done_at"] < told["sent_at"]
