"""LINE, by developers.line.biz/en/reference/messaging-api."""

import base64
import hashlib
import hmac
import json
import uuid

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import (
    Accepted,
    Blocked,
    Button,
    Callback,
    Card,
    Event,
    Failure,
    Forged,
    Pressed,
    Unblocked,
    Written,
)
from tests.support.channels import BODY, NOW, SECRET, TS, body_of, failure_of, reply_of, robot_of, sent

LINE = CHANNELS["line"]
ROBOT = robot_of("line", channel_secret=SECRET)
VECTOR = "qp4uNXX11wmLbKzNeQiIw21f22M0KnO62i1qUXR6hJQ="


def told(event: dict[str, object]) -> list[Event]:
    common = {
        "webhookEventId": "E1",
        "timestamp": TS * 1000,
        "source": {"type": "group", "groupId": "C1", "userId": "U1"},
    }
    body = json.dumps({"events": [common | event]}).encode()
    value = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    return LINE.events(ROBOT, Callback("POST", {}, {"x-line-signature": value}, body), NOW)


def test_the_vector_is_genuine_and_a_change_is_not() -> None:
    assert LINE.events(ROBOT, Callback("POST", {}, {"x-line-signature": VECTOR}, BODY), NOW) == []
    for value, body in ((VECTOR, b'{"a":2}'), (VECTOR.lower(), BODY), ("", BODY)):
        with pytest.raises(Forged):
            LINE.events(ROBOT, Callback("POST", {}, {"x-line-signature": value}, body), NOW)


def test_events() -> None:
    assert told({"type": "postback", "postback": {"data": "confirm:1"}}) == [
        Pressed(None, "confirm:1", "U1", NOW, "E1")
    ]
    assert told({"type": "message", "message": {"text": "help"}}) == [Written("C1", "U1", "help", NOW, "E1")]
    assert told({"type": "leave"}) == [Blocked("C1", NOW)]
    assert told({"type": "join"}) == [Unblocked("C1", NOW)]
    person: dict[str, object] = {"source": {"type": "user", "userId": "U1"}}
    assert told({"type": "unfollow"} | person) == [Blocked("U1", NOW)]


def test_equal_keys_are_equal_retry_keys() -> None:
    keys = [dict(sent("line", Card("a"), key=key).headers)["x-line-retry-key"] for key in ("k1", "k1", "k2")]
    assert keys[0] == keys[1] != keys[2]
    assert str(uuid.UUID(keys[0])) == keys[0]


def test_a_key_that_was_accepted_before_is_a_success() -> None:
    accepted = {"message": "The retry key is already accepted", "sentMessages": [{"id": "m1"}]}
    assert LINE.outcome(reply_of(accepted, 409)) == Accepted("m1")


@pytest.mark.parametrize(
    ("status", "message", "failure"),
    [
        (429, "You have reached your monthly limit.", Failure.RIGHTS),
        (429, "The API rate limit has been exceeded. Try again later.", Failure.LATER),
        (400, "The request body has 1 error(s)", Failure.CONTENT),
        (400, "Failed to send messages", Failure.DEAD),
        (400, "The property, 'to', in the request body is invalid", Failure.DEAD),
        (401, "Authentication failed", Failure.RIGHTS),
        (403, "Access to this API is not available for your account", Failure.RIGHTS),
        (500, "An error occurred", None),
    ],
)
def test_refusals_by_their_message(status: int, message: str, failure: Failure | None) -> None:
    assert failure_of("line", {"message": message}, status) is failure


def test_buttons_stand_below_the_whole_text() -> None:
    card = Card("1 × tea\n" * 50, "https://c.example/o", buttons=(Button("y", "Confirm", "confirm:1"),))
    text, buttons = body_of(sent("line", card))["messages"]
    assert text["text"].count("tea") == 50
    assert buttons["template"]["actions"] == [{"type": "postback", "label": "Confirm", "data": "confirm:1"}]
    assert len(buttons["altText"]) <= 400


def test_a_blocker_is_seen_by_looking_alone() -> None:
    for chat, path in (("C1", "group/C1/summary"), ("R1", "room/R1/members/count"), ("U1", "profile/U1")):
        call = LINE.look(ROBOT, chat)
        assert call is not None
        assert call.url == f"https://api.line.me/v2/bot/{path}"
    assert LINE.alive(reply_of({"groupName": "g"})) is True
    assert LINE.alive(reply_of({"message": "Not found"}, 404)) is False
