"""The fake Slack refuses by its body, and signs presses and events."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import httpx
import pytest

from tests.simulators.chat import signatures
from tests.simulators.chat.slack import Slack

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Seen"}, "action_id": "a", "value": "seen-1"}
BLOCKS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Robot 3 is logged out"}},
    {"type": "actions", "elements": [BUTTON]},
]


@pytest.fixture
def fake() -> Iterator[Slack]:
    with Slack() as service:
        yield service


def send(http: httpx.Client, fake: Slack, chat: str = "C1", **body: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {fake.secrets['token']}"}
    return http.post(f"{fake.url}/api/chat.postMessage", json={"channel": chat, **body}, headers=headers)


def test_message_with_a_button(fake: Slack, http: httpx.Client) -> None:
    reply = send(http, fake, text="Robot 3", blocks=BLOCKS).json()
    arrival = fake.arrivals[0]
    assert (reply["ok"], reply["ts"]) == (True, arrival.message_id)
    assert (arrival.text, arrival.buttons[0].value) == ("Robot 3\nRobot 3 is logged out", "seen-1")


def test_refusals(fake: Slack, http: httpx.Client) -> None:
    fake.dead_chats.add("C2")
    bodies = [("C2", {"text": "a"}), ("C3", {}), ("C4", {"text": "a" * 40_001}), ("C5", {"text": "a"})]
    errors = [send(http, fake, chat, **body).json().get("error") for chat, body in bodies]
    assert errors == ["is_archived", "no_text", "msg_too_long", None]
    fake.robots_without_rights.add(fake.secrets["token"])
    assert send(http, fake, text="a").json()["error"] == "invalid_auth"


def test_second_message_of_a_second_waits(fake: Slack, http: httpx.Client) -> None:
    replies = [send(http, fake, text="a") for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 429]
    assert replies[1].headers["Retry-After"] == "1"


def test_press_is_signed_over_its_raw_bytes(fake: Slack, http: httpx.Client) -> None:
    send(http, fake, text="Robot 3", blocks=BLOCKS)
    request = fake.pressed(fake.arrivals[0], "seen-1", "U77")
    body = request.content
    stamp = int(request.headers["X-Slack-Request-Timestamp"])
    assert request.headers["X-Slack-Signature"] == signatures.slack(fake.secrets["signing_secret"], stamp, body)
    payload = json.loads(parse_qs(body.decode())["payload"][0])
    assert (payload["user"]["id"], payload["actions"][0]["value"]) == ("U77", "seen-1")


def test_check_of_an_address_has_a_challenge(fake: Slack) -> None:
    assert json.loads(fake.check_address("c-9").content)["challenge"] == "c-9"
