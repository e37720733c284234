"""The fake Telegram refuses, counts and calls back as the Bot API describes."""

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.simulators.chat.fakes import fake_chat
from tests.simulators.chat.telegram import Telegram
from tests.simulators.webhook_receiver import Receiver

GROUP, OWNER = "-1001", "42"


@pytest.fixture
def fake() -> Iterator[Telegram]:
    with fake_chat("telegram") as service:
        assert isinstance(service, Telegram)
        yield service


def call(fake: Telegram, method: str, body: object, token: str = "") -> httpx.Response:
    url = f"{fake.url}/bot{token or fake.secrets['token']}/{method}"
    return httpx.post(url, json=body, trust_env=False)


def send(fake: Telegram, chat: str = GROUP, text: str = "Order 12", **more: object) -> httpx.Response:
    return call(fake, "sendMessage", {"chat_id": chat, "text": text, **more})


def test_message_is_shown_with_its_buttons(fake: Telegram) -> None:
    keys = [[{"text": "Confirm", "callback_data": "ok"}], [{"text": "Open", "url": "https://example.com/c/1"}]]
    reply = send(fake, text="Order 12, again", reply_markup={"inline_keyboard": keys}).json()
    arrival = fake.arrivals[0]
    assert (reply["ok"], str(reply["result"]["message_id"])) == (True, arrival.message_id)
    assert (arrival.chat, arrival.text, arrival.again) == (GROUP, "Order 12, again", True)
    assert [(button.value, button.url) for button in arrival.buttons] == [
        ("ok", None),
        (None, "https://example.com/c/1"),
    ]


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"text": " "}, "message text is empty"),
        ({"text": "字" * 4097}, "message is too long"),
        ({"reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "é" * 33}]]}}, "BUTTON_DATA_INVALID"),
    ],
)
def test_content_is_refused(fake: Telegram, body: dict[str, object], description: str) -> None:
    reply = call(fake, "sendMessage", {"chat_id": GROUP, "text": "a", **body})
    assert (reply.status_code, reply.json()["description"]) == (400, f"Bad Request: {description}")
    assert fake.arrivals == []


def test_second_message_within_a_second_waits(fake: Telegram) -> None:
    assert send(fake).status_code == 200
    reply = send(fake)
    assert (reply.status_code, reply.json()["parameters"], reply.headers["Retry-After"]) == (
        429,
        {"retry_after": 1},
        "1",
    )
    assert send(fake, chat=OWNER).status_code == 200


def test_dead_and_moved_chats(fake: Telegram) -> None:
    fake.dead_chats |= {GROUP, OWNER}
    fake.moved_chats["-7"] = "-1007"
    assert send(fake).json()["description"] == "Forbidden: bot was kicked from the group chat"
    assert send(fake, OWNER).json()["description"] == "Forbidden: bot was blocked by the user"
    assert send(fake, "-7").json()["parameters"] == {"migrate_to_chat_id": -1007}
    assert call(fake, "getChat", {"chat_id": OWNER}).json()["error_code"] == 400
    assert call(fake, "getMe", {}, token="1:other").status_code == 401


def test_faults(fake: Telegram) -> None:
    fake.fail(["cut_before", "lost", "dropped", "rights", "html"])
    with pytest.raises(httpx.TransportError):
        send(fake, "1")
    with pytest.raises(httpx.TransportError):
        send(fake, "2")
    assert send(fake, "3").json()["ok"]
    assert send(fake, "4").status_code == 401
    assert send(fake, "5").text.startswith("<!DOCTYPE")
    assert [(arrival.chat, arrival.outcome) for arrival in fake.attempts] == [("2", "shown"), ("3", "dropped")]


def test_callbacks(fake: Telegram) -> None:
    send(fake, reply_markup={"inline_keyboard": [[{"text": "Confirm", "callback_data": "ok"}]]})
    with Receiver() as product:
        fake.callback_url = product.url("/callback")
        assert fake.press(fake.arrivals[0], "Confirm", "77").status_code == 200
        fake.write(GROUP, "77", "closed tomorrow")
        fake.block(OWNER)
    press, text, block = (json.loads(request.body) for request in product.requests)
    assert press["callback_query"]["from"]["id"] == 77
    assert press["callback_query"]["data"] == "ok"
    assert press["callback_query"]["message"]["message_id"] == int(fake.arrivals[0].message_id)
    assert text["message"]["text"] == "closed tomorrow"
    assert block["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    header = "x-telegram-bot-api-secret-token"
    assert {request.headers[header] for request in product.requests} == {fake.secrets["callback_secret"]}
