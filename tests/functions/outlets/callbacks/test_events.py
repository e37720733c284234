"""Callbacks: a pressed button confirms with its person, receipts only add knowledge, forgeries are refused."""

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from stack.gateway_event import Answer
from tests.simulators.chat.fake import FakeChat
from tests.support.outlets import Outlets, ask

CALLBACK = "/outlets/callbacks/telegram/demo:bot"


def call_back(request: httpx.Request, **different: str) -> Answer:
    """The request of the fake, as API gateway gives it to us."""
    headers = {name.lower(): value for name, value in request.headers.items()} | different
    query = urlsplit(str(request.url)).query
    return ask(request.method, CALLBACK + (f"?{query}" if query else ""), request.content, headers)


@pytest.fixture
def told(outlets: Outlets, telegram: FakeChat, store: str) -> Outlets:
    outlets.place(store)
    telegram.callback_url = f"http://127.0.0.1:1{CALLBACK}"
    return outlets


def pressed(telegram: FakeChat) -> httpx.Request:
    [arrival] = telegram.arrivals
    button = next(button for button in arrival.buttons if button.value)
    return telegram.pressed(arrival, button.value or "", "4711")


def test_a_pressed_button_confirms_with_the_person(told: Outlets, telegram: FakeChat) -> None:
    request = pressed(telegram)
    assert call_back(request).status == 200
    assert call_back(request).status == 200
    [notice] = told.notices("&state=confirmed")
    assert (notice["evidence"], notice["ready_minutes"]) == ("press", 10)
    assert "4711" in notice["answered_by"]
    answers = [message for message in told.carry() if message["type"] == "outlet.order_answered"]
    assert len(answers) == 1


def test_a_forged_callback_changes_nothing(told: Outlets, telegram: FakeChat) -> None:
    forged = {"x-telegram-bot-api-secret-token": "wrong"}
    assert call_back(pressed(telegram), **forged).status == 401
    assert told.notices()[0]["state"] == "sent"
    assert ask("POST", "/outlets/callbacks/telegram/rival:bot", b"{}").status == 404
    assert ask("POST", "/outlets/callbacks/slack/demo:bot", b"{}").status == 404


def test_a_robot_of_another_outlet_confirms_nothing(told: Outlets, telegram: FakeChat) -> None:
    told.add_robot("stranger", telegram, 7)
    request = pressed(telegram)
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers["x-telegram-bot-api-secret-token"] = telegram.robot(7)[1]["callback_secret"]
    assert ask("POST", "/outlets/callbacks/telegram/demo:stranger", request.content, headers).status == 200
    assert told.notices()[0]["state"] == "sent"


def test_an_unknown_text_goes_to_a_person(told: Outlets, telegram: FakeChat) -> None:
    told.add_robot("office", telegram, 3)
    told.add_person("operations", "office", "9001")
    assert call_back(telegram.written("1001", "4711", "the oven is broken")).status == 200
    told.look()
    [told_person] = [one for one in telegram.arrivals if one.chat == "9001"]
    assert "the oven is broken" in told_person.text


def test_a_chat_that_writes_without_end_gets_ten_replies_a_minute(
    outlets: Outlets, telegram: FakeChat, moved_clock: Callable[[float], None]
) -> None:
    telegram.callback_url = f"http://127.0.0.1:1{CALLBACK}"
    for _ in range(30):
        assert call_back(telegram.written("1001", "4711", "help")).status == 200
    assert waiting(outlets) == {1: 10}
    moved_clock(61)
    assert call_back(telegram.written("1001", "4711", "help")).status == 200
    assert waiting(outlets) == {1: 11}


def waiting(outlets: Outlets) -> dict[int, int]:
    """The waiting messages by their priority."""
    with outlets.env.db.transaction() as transaction:
        rows = transaction.rows("SELECT priority, COUNT(*) AS messages FROM outlet_messages GROUP BY priority")
    return {row["priority"]: row["messages"] for row in rows}


def test_an_order_goes_before_replies_that_wait(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.add_outlet(store, ("bot", "1001"))
    telegram.callback_url = f"http://127.0.0.1:1{CALLBACK}"
    for _ in range(10):
        call_back(telegram.written("1001", "4711", "help"))
    outlets.place(store)
    assert [arrival.chat for arrival in telegram.arrivals] == ["1001"]
    assert "Order" in telegram.arrivals[0].text or "ORDER" in telegram.arrivals[0].text
