"""An outlet writes, gets a fixed reply with a link, presses behind the link, and the store has the change."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.stores import on_job_items_due
from stack.gateway_event import Answer, Context
from tests.functions.outlets.callbacks.test_events import call_back
from tests.simulators.chat.fake import FakeChat
from tests.support.deliveries import record
from tests.support.guests import guest_of, order_of
from tests.support.orders import Caller, new_key
from tests.support.outlets import CHAIN, Outlets, ask, path_of, submit
from tests.support.waiting import wait_until

HEARD = ("job.items_due", "outlet.change_confirmed", "outlet.pause_changed")


def written(outlets: Outlets, telegram: FakeChat, text: str) -> str:
    """The reply in the outlet's chat."""
    before = len(telegram.of_chat("1001"))
    assert call_back(telegram.written("1001", "4711", text)).status == 200
    return newest(outlets, telegram, "1001", before)


def newest(outlets: Outlets, telegram: FakeChat, chat: str, before: int) -> str:
    """The text of the message after the first `before` ones. A chat gets one message a second."""

    def arrived() -> bool:
        outlets.look()
        return len(telegram.of_chat(chat)) > before

    wait_until(arrived)
    return telegram.of_chat(chat)[before].text


def link_in(telegram: FakeChat) -> str:
    """The path of the link in the newest message of the outlet's chat."""
    text = telegram.of_chat("1001")[-1].text
    return path_of(text[text.index("http") :].split()[0])


def carry(outlets: Outlets) -> list[dict[str, Any]]:
    """Carry what stores hear, each message twice."""
    heard = [message for message in outlets.inbox.take() if message["type"] in HEARD]
    for message in [*heard, *heard]:
        assert on_job_items_due.handler({"Records": [record(message)]}, Context()) == {"batchItemFailures": []}
    return heard


def store_of(call: Caller, store: str) -> dict[str, Any]:
    document: dict[str, Any] = call("GET", f"/v1/stores/{store}").json
    return document


@pytest.fixture
def chat(outlets: Outlets, telegram: FakeChat) -> FakeChat:
    telegram.callback_url = "http://127.0.0.1:1/outlets/callbacks/telegram/demo:bot"
    outlets.inbox.take()
    return telegram


def test_a_dish_is_sold_out_after_the_press_and_not_before(
    outlets: Outlets, chat: FakeChat, call: Caller, store: str
) -> None:
    text = written(outlets, chat, "menu sold out hawaiian")
    assert "“The Hawaiian Pizza” as sold out" in text
    path = link_in(chat)
    for method in ("GET", "HEAD", "GET"):
        assert ask(method, path).status == 200
    assert ask("POST", path, b"answer=confirm", {"content-type": "application/x-www-form-urlencoded"}).status == 422
    assert carry(outlets) == []
    assert submit(path, answer="confirm").status == 200
    assert submit(path, answer="confirm").status == 200
    assert len(carry(outlets)) == 1
    assert call("GET", f"/v1/stores/{store}/menu").json["sold_out"] == ["hawaiian"]


def test_a_name_of_several_dishes_asks_which_and_an_unknown_one_goes_to_a_person(
    outlets: Outlets, chat: FakeChat, call: Caller, store: str
) -> None:
    menu = call("GET", f"/v1/stores/{store}/menu").json["menu"]
    menu["items"].append({"id": "cola-big", "name": "Cola, big", "category": "drink", "price": 400})
    assert call("PUT", f"/v1/stores/{store}/menu", menu).status == 200
    assert "Cola, big" in written(outlets, chat, "sold out col")
    outlets.add_robot("office", chat, 3)
    outlets.add_person("operations", "office", "9001")
    assert "A person reads" in written(outlets, chat, "sold out <b>dragon</b>")
    assert "dragon" in newest(outlets, chat, "9001", 0)


def test_closed_tomorrow_closes_the_next_business_day(
    outlets: Outlets, chat: FakeChat, call: Caller, store: str
) -> None:
    day = store_of(call, store)["business_day"]
    tomorrow = (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
    text = written(outlets, chat, "明天休息")
    assert tomorrow in text
    assert submit(link_in(chat), answer="confirm").status == 200
    carry(outlets)
    after = store_of(call, store)
    assert after["opening_hours"]["closed_on"] == [tomorrow]
    # Hours go by the calendar: between midnight and the end of the business day the closed day has begun.
    today = datetime.now(ZoneInfo(after["settings"]["timezone"])).date().isoformat()
    assert after["open"] is (today != tomorrow)


def test_a_link_is_for_its_purpose_and_its_time_alone(
    outlets: Outlets, chat: FakeChat, store: str, moved_clock: Callable[[float], None]
) -> None:
    outlets.place(store)
    order_path = link_in(chat)
    written(outlets, chat, "sold out cola")
    request_path = link_in(chat)
    swapped = request_path.replace("/requests/", "/confirm/"), order_path.replace("/confirm/", "/requests/")
    assert [ask("GET", path).status for path in swapped] == [404, 404]
    moved_clock(2 * 3600 + 1)
    assert ask("GET", request_path).status == 410
    assert submit(request_path, answer="confirm").status == 410


def test_an_order_without_an_answer_pauses_the_outlet_until_it_resumes(
    outlets: Outlets, chat: FakeChat, call: Caller, store: str, moved_clock: Callable[[float], None]
) -> None:
    outlets.rules(automatic="pause", pause_minutes=30, language="en")
    order = outlets.place(store)
    outlets.carry()
    moved_clock(601)
    assert "gets no orders until" in newest(outlets, chat, "1001", 1)
    messages = outlets.inbox.take()
    [pause] = [message for message in messages if message["type"] == "outlet.pause_changed"]
    for message in messages:
        outlets.give(message)
    on_job_items_due.handler({"Records": [record(pause)]}, Context())
    assert outlets.order(order)["fulfilment"] == "cancelled"
    assert placed(outlets, store) == (422, ["store_paused"])
    call.at = int(outlets.env.clock().timestamp())
    assert store_of(call, store)["open"] is False
    written(outlets, chat, "resume")
    assert submit(link_in(chat), answer="confirm").status == 200
    carry(outlets)
    on_job_items_due.handler({"Records": [record(pause)]}, Context())
    assert placed(outlets, store)[0] == 201


def placed(outlets: Outlets, store: str) -> tuple[int, list[str]]:
    """The reply to an order of a guest of the mini-program."""
    rights = ["guests:token", "orders:place", "menu:read"]
    server = Caller(outlets.orders.handler, new_key(outlets.env, outlets.url, rights, sources=["mini_program:app"]))
    server.at = int(outlets.env.clock().timestamp())
    guest, token = guest_of(server, store)
    answer: Answer = guest("POST", "/v1/orders", order_of(token), key=token["numbers"][0])
    return answer.status, [fault["code"] for fault in answer.json.get("errors", [])]


def test_head_office_pauses_and_resumes_and_an_old_client_ends_no_pause(
    outlets: Outlets, chat: FakeChat, call: Caller, store: str
) -> None:
    del chat
    path = f"/v1/outlets/stores/{store}/pause{CHAIN}"
    assert outlets.api("PUT", path, {"minutes": 30}).status == 200
    carry(outlets)
    before = store_of(call, store)
    assert before["settings"]["paused_until"] is not None
    settings = {name: value for name, value in before["settings"].items() if name != "paused_until"}
    assert call("PUT", f"/v1/stores/{store}", settings).status == 200
    assert store_of(call, store)["settings"]["paused_until"] == before["settings"]["paused_until"]
    [alert] = outlets.api("GET", f"/v1/outlets/health{CHAIN}").json["alerts"]
    assert alert["kind"] == "outlet_paused"
    assert outlets.api("DELETE", path).json == {"outlet": store, "paused_until": None}
    carry(outlets)
    assert "paused_until" not in store_of(call, store)["settings"]
    assert outlets.api("GET", f"/v1/outlets/health{CHAIN}").json["alerts"] == []
