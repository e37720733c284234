"""Somebody of the chain answers in place of an outlet, or says that it was reached by phone."""

from collections.abc import Callable

import pytest

from functions.outlets.escalation.steps import make_due_steps
from tests.simulators.chat.fake import FakeChat
from tests.support.orders import Caller, new_key
from tests.support.outlets import CHAIN, Outlets, path_of, submit

CONFIRMED = {"answer": "confirmed", "ready_minutes": 15}


def path(outlets: Outlets) -> str:
    [notice] = outlets.notices()
    return f"/v1/outlets/notices/{notice['notice']}/answers{CHAIN}"


def test_an_order_is_accepted_in_place_of_its_outlet(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    order = outlets.place(store)
    answered = outlets.api("POST", path(outlets), CONFIRMED)
    assert (answered.status, answered.json["state"], answered.json["evidence"]) == (200, "confirmed", "person")
    assert answered.json["answered_by"]
    outlets.carry()
    assert outlets.order(order)["fulfilment"] == "accepted"
    assert outlets.notices() == []
    link = path_of(telegram.arrivals[0].links[0])
    assert "Confirmed at" in submit(link, ready="30").text
    assert outlets.notices("&state=confirmed")[0]["ready_minutes"] == 15


def test_an_order_is_declined_with_a_reason(outlets: Outlets, store: str) -> None:
    order = outlets.place(store)
    assert outlets.api("POST", path(outlets), {"answer": "declined", "reason": "closed"}).status == 200
    outlets.carry()
    assert outlets.order(order)["fulfilment"] == "cancelled"


def test_the_first_answer_stays(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.place(store)
    target = path(outlets)
    submit(path_of(telegram.arrivals[0].links[0]), ready="20")
    refused = outlets.api("POST", target, {"answer": "declined", "reason": "closed"})
    assert (refused.status, refused.json["code"]) == (409, "answered_before")
    assert outlets.notices("&state=confirmed")[0]["evidence"] == "page"


def test_an_outlet_that_was_reached_is_called_by_nobody_else(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Callable[[float], None]
) -> None:
    outlets.add_person("call", "bot", "2001")
    outlets.add_person("head_office", "bot", "2003")
    outlets.rules(automatic="accept")
    outlets.place(store)
    assert outlets.api("POST", path(outlets), {"answer": "reached"}).json["evidence"] == "call"
    [notice] = outlets.notices()
    states = {step["action"]: step["state"] for step in notice["steps"]}
    assert states == {"again": "ended", "call": "ended", "second": "ended", "head_office": "due", "accept": "due"}
    moved_clock(400)
    assert make_due_steps(outlets.env) == 1
    outlets.look()
    assert {arrival.chat for arrival in telegram.arrivals} == {"1001", "2003"}


@pytest.mark.parametrize(
    "body",
    [{"answer": "confirmed"}, {"answer": "declined"}, {"answer": "reached", "reason": "x"}, {"answer": "cancelled"}],
)
def test_a_half_answer_is_refused(outlets: Outlets, store: str, body: dict[str, str]) -> None:
    outlets.place(store)
    assert outlets.api("POST", path(outlets), body).status == 422


def test_only_who_may_move_the_order_answers(outlets: Outlets, store: str) -> None:
    outlets.place(store)
    target = path(outlets)
    for right, at, status in (
        ("outlets:read", "chain:demo", 403),
        ("orders:fulfil", "store:demo:elsewhere", 403),
        ("outlets:manage", "chain:rival", 403),
        ("orders:fulfil", f"store:demo:{store}", 200),
    ):
        caller = Caller(outlets.api.handler, new_key(outlets.env, outlets.url, [right], at))
        assert caller("POST", target, CONFIRMED).status == status, (right, at)
