"""The fake WhatsApp has its window of 24 hours, its templates, and statuses that come in any order."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.chat import signatures
from tests.simulators.chat.conftest import Product
from tests.simulators.chat.whatsapp import Whatsapp

OWNER = "5215550123"
REPLIES = {"buttons": [{"type": "reply", "reply": {"id": "ok-1", "title": "Confirm"}}]}
CARD = {"type": "button", "body": {"text": "Order 12"}, "action": REPLIES}
TEMPLATE = {
    "name": "new_order",
    "language": {"code": "es"},
    "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "12"}]},
        {"type": "button", "sub_type": "quick_reply", "index": "0",
         "parameters": [{"type": "payload", "payload": "ok"}]},
    ],
}  # fmt: skip


@pytest.fixture
def fake() -> Iterator[Whatsapp]:
    with Whatsapp() as service:
        yield service


def send(http: httpx.Client, fake: Whatsapp, kind: str, content: object, to: str = OWNER) -> httpx.Response:
    url = f"{fake.url}/v23.0/{fake.settings['phone_number_id']}/messages"
    body = {"messaging_product": "whatsapp", "to": to, "type": kind, kind: content}
    return http.post(url, json=body, headers={"Authorization": f"Bearer {fake.secrets['token']}"})


def code(reply: httpx.Response) -> int:
    return int(reply.json()["error"]["code"])


def test_text_needs_an_open_window_and_a_template_does_not(fake: Whatsapp, http: httpx.Client) -> None:
    assert code(send(http, fake, "text", {"body": "Order 12"})) == 131047
    reply = send(http, fake, "template", TEMPLATE).json()
    assert reply["messages"][0]["id"] == fake.arrivals[0].message_id
    assert (fake.arrivals[0].text, fake.arrivals[0].buttons[0].value) == ("new_order\n12", "ok")
    fake.last_written["447"] = fake.wall() - 86_399
    assert send(http, fake, "interactive", CARD, "+447").status_code == 200
    fake.last_written["448"] = fake.wall() - 86_401
    assert code(send(http, fake, "interactive", CARD, "+448")) == 131047


def test_second_message_to_a_person_within_six_seconds_waits(fake: Whatsapp, http: httpx.Client) -> None:
    send(http, fake, "template", TEMPLATE)
    assert code(send(http, fake, "template", TEMPLATE)) == 131056


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("text", {"body": "a" * 4097}, 131009),
        ("text", {"body": ""}, 131008),
        ("interactive", {**CARD, "action": {"buttons": REPLIES["buttons"] * 2}}, 131009),
        ("template", {**TEMPLATE, "name": "unknown"}, 132001),
        ("template", {**TEMPLATE, "components": [{"type": "body", "parameters": [{"text": "a\nb"}]}]}, 131009),
    ],
)
def test_content_is_refused(fake: Whatsapp, http: httpx.Client, kind: str, content: object, expected: int) -> None:
    fake.open_always, fake.templates = True, {"new_order"}
    assert code(send(http, fake, kind, content)) == expected


def test_wrong_token_and_dead_number(fake: Whatsapp, http: httpx.Client) -> None:
    fake.dead_chats.add(OWNER)
    assert code(send(http, fake, "template", TEMPLATE)) == 131026
    fake.robots_without_rights.add(fake.settings["phone_number_id"])
    reply = send(http, fake, "template", TEMPLATE)
    assert (reply.status_code, code(reply)) == (401, 190)


def test_statuses_are_shuffled_and_doubled_and_signed(fake: Whatsapp, http: httpx.Client) -> None:
    for number in range(4):
        send(http, fake, "template", TEMPLATE, f"44{number}")
    requests = fake.shuffled_statuses(fake.arrivals, seed=3)
    statuses = [status(request) for request in requests]
    assert len(requests) == 16
    assert set(Counter((entry["id"], entry["status"]) for entry in statuses).values()) == {1, 2}
    assert [entry["status"] for entry in statuses] != sorted(entry["status"] for entry in statuses)
    for request in requests:
        signature = signatures.whatsapp(fake.secrets["app_secret"], request.content)
        assert request.headers["X-Hub-Signature-256"] == signature


def status(request: httpx.Request) -> Any:
    return json.loads(request.content)["entry"][0]["changes"][0]["value"]["statuses"][0]


def test_press_comes_from_the_person_and_opens_the_window(fake: Whatsapp, http: httpx.Client, product: Product) -> None:
    fake.callback_url, fake.open_always = product.callback, True
    send(http, fake, "interactive", CARD)
    fake.press(fake.arrivals[0])
    message = product.requests[0].message["entry"][0]["changes"][0]["value"]["messages"][0]
    assert (message["from"], message["interactive"]["button_reply"]["id"]) == (OWNER, "ok-1")
    assert message["context"]["id"] == fake.arrivals[0].message_id
    fake.open_always = False
    assert fake.session_open(OWNER)


def test_check_of_an_address(fake: Whatsapp) -> None:
    fake.callback_url = "http://127.0.0.1/callback"
    query = fake.check_address("77").url.params
    assert (query["hub.challenge"], query["hub.verify_token"]) == ("77", "verify-1")
