"""The fake LINE accepts a retry key once, says nothing about blockers, and signs its events."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.chat import signatures
from tests.simulators.chat.line import Line

OWNER, GROUP = "U" + "1" * 32, "C" + "1" * 32
TEMPLATE = {
    "type": "template",
    "altText": "Order 12",
    "template": {
        "type": "buttons",
        "text": "Order 12",
        "actions": [
            {"type": "postback", "label": "Confirm", "data": "ok-1"},
            {"type": "uri", "label": "Open", "uri": "https://example.com/1"},
        ],
    },
}


@pytest.fixture
def fake() -> Iterator[Line]:
    with Line() as service:
        yield service


def push(http: httpx.Client, fake: Line, message: Any = None, to: str = GROUP, key: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {fake.secrets['token']}"} | ({"X-Line-Retry-Key": key} if key else {})
    body = {"to": to, "messages": [message or {"type": "text", "text": "Order 12"}]}
    return http.post(f"{fake.url}/v2/bot/message/push", json=body, headers=headers)


def look(http: httpx.Client, fake: Line, path: str) -> int:
    return http.get(f"{fake.url}{path}", headers={"Authorization": f"Bearer {fake.secrets['token']}"}).status_code


def test_retry_key_shows_a_message_once(fake: Line, http: httpx.Client) -> None:
    key = str(uuid.uuid4())
    fake.fail(["lost"])
    with pytest.raises(httpx.TransportError):
        push(http, fake, key=key)
    again = push(http, fake, key=key)
    assert (again.status_code, again.json()["sentMessages"][0]["id"]) == (409, fake.arrivals[0].message_id)
    assert "x-line-accepted-request-id" in again.headers
    assert [arrival.outcome for arrival in fake.attempts] == ["shown", "repeated"]


def test_buttons_of_templates_and_flex_messages(fake: Line, http: httpx.Client) -> None:
    action = {"type": "postback", "label": "Confirm", "data": "ok-2"}
    box = {
        "type": "box",
        "layout": "vertical",
        "contents": [{"type": "text", "text": "Order 13"}, {"type": "button", "action": action}],
    }
    flex = {"type": "flex", "altText": "Order 13", "contents": {"type": "bubble", "body": box}}
    assert [push(http, fake, message).status_code for message in (TEMPLATE, flex)] == [200, 200]
    assert [(arrival.text, arrival.buttons[0].value) for arrival in fake.arrivals] == [
        ("Order 12", "ok-1"),
        ("Order 13", "ok-2"),
    ]


def test_push_to_a_blocker_is_200_and_never_shown(fake: Line, http: httpx.Client) -> None:
    fake.dead_chats |= {OWNER, GROUP}
    assert [push(http, fake, to=to).status_code for to in (OWNER, GROUP)] == [200, 200]
    assert fake.arrivals == []
    assert look(http, fake, f"/v2/bot/profile/{OWNER}") == 404
    assert look(http, fake, f"/v2/bot/group/{GROUP}/summary") == 404
    fake.dead_chats.clear()
    assert look(http, fake, f"/v2/bot/group/{GROUP}/summary") == 200


def test_both_kinds_of_429_and_400(fake: Line, http: httpx.Client) -> None:
    fake.fail(["too_many"])
    assert push(http, fake).json()["message"].startswith("The API rate limit")
    fake.quota = 0
    reply = push(http, fake)
    assert (reply.status_code, reply.json()["message"]) == (429, "You have reached your monthly limit.")
    assert push(http, fake, {"type": "text", "text": ""}).status_code == 400
    assert push(http, fake, key="no-uuid").status_code == 400


def test_events_are_signed(fake: Line, http: httpx.Client) -> None:
    push(http, fake, TEMPLATE)
    press = fake.pressed(fake.arrivals[0], "ok-1", "U77")
    assert press.headers["x-line-signature"] == signatures.line(fake.secrets["channel_secret"], press.content)
    event = json.loads(press.content)["events"][0]
    assert (event["source"], event["postback"]) == (
        {"type": "group", "groupId": GROUP, "userId": "U77"},
        {"data": "ok-1"},
    )
    names = [json.loads(fake.blocked(chat, blocked=True).content)["events"][0]["type"] for chat in (OWNER, GROUP)]
    assert names == ["unfollow", "leave"]
    assert json.loads(fake.check_address().content)["events"] == []
