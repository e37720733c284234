"""Slack, by api.slack.com and public reports."""

import hashlib
import hmac
import json
from urllib.parse import urlencode

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
    Refused,
    Written,
)
from tests.support.channels import BODY, NOW, SECRET, TS, body_of, failure_of, reply_of, robot_of, sent

SLACK = CHANNELS["slack"]
ROBOT = robot_of("slack", signing_secret=SECRET)
VECTOR = "v0=fbe06aa699f277f752d3133967973a83a18582af77adb0b602e6d1f700ab1ba7"


def signed(body: bytes, ts: int = TS, signature: str | None = None) -> Callback:
    made = "v0=" + hmac.new(SECRET.encode(), b"v0:%d:" % ts + body, hashlib.sha256).hexdigest()
    return Callback("POST", {}, {"x-slack-request-timestamp": str(ts), "x-slack-signature": signature or made}, body)


def told(document: object) -> list[Event]:
    return SLACK.events(ROBOT, signed(json.dumps(document).encode()), NOW)


def test_the_vector_is_genuine() -> None:
    assert SLACK.events(ROBOT, signed(BODY, signature=VECTOR), NOW) == []


@pytest.mark.parametrize(
    "callback",
    [
        signed(BODY, signature=VECTOR[:-1] + "8"),
        signed(BODY + b" ", signature=VECTOR),
        signed(BODY, TS + 1, VECTOR),
        signed(BODY, TS - 301),
        signed(BODY, TS + 301),
        Callback("POST", {}, {}, BODY),
        Callback("POST", {}, {"x-slack-request-timestamp": "nan", "x-slack-signature": "v0=é"}, BODY),
    ],
)
def test_a_changed_or_old_callback_is_forged(callback: Callback) -> None:
    with pytest.raises(Forged):
        SLACK.events(ROBOT, callback, NOW)


def test_the_text_of_a_guest_mentions_no_person() -> None:
    body = body_of(sent("slack", Card("<!channel> a & b", buttons=(Button("y", "Confirm", "v"),))))
    assert body["text"] == "&lt;!channel&gt; a &amp; b"
    assert body["blocks"][0]["text"] == {"type": "plain_text", "text": "<!channel> a & b", "emoji": False}
    assert body["blocks"][1]["elements"][0]["value"] == "v"


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ("is_archived", Failure.DEAD),
        ("channel_not_found", Failure.DEAD),
        ("not_in_channel", Failure.DEAD),
        ("invalid_auth", Failure.RIGHTS),
        ("token_revoked", Failure.RIGHTS),
        ("missing_scope", Failure.RIGHTS),
        ("msg_too_long", Failure.CONTENT),
        ("ratelimited", Failure.LATER),
        ("fatal_error", None),
    ],
)
def test_refusals_come_with_status_200(error: str, failure: Failure | None) -> None:
    assert failure_of("slack", {"ok": False, "error": error}) is failure


def test_a_limited_robot_waits_as_the_header_says() -> None:
    outcome = SLACK.outcome(reply_of({"ok": False, "error": "ratelimited"}, 429, retry_after="7"))
    assert isinstance(outcome, Refused)
    assert outcome.wait_seconds == 7.0
    assert SLACK.outcome(reply_of({"ok": True, "channel": "C1", "ts": "1.2"})) == Accepted("C1:1.2")


def test_a_press_that_is_told_twice_has_one_id_bolt_python_678() -> None:
    payload = {
        "type": "block_actions",
        "user": {"id": "U1"},
        "channel": {"id": "C1"},
        "message": {"ts": "1.2"},
        "actions": [{"action_id": "y", "value": "confirm:1", "action_ts": f"{TS}.0"}],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    first, second = (SLACK.events(ROBOT, signed(body, ts), NOW) for ts in (TS, TS + 2))
    assert first == second == [Pressed("C1:1.2", "confirm:1", "U1", NOW, f"press U1 {TS}.0 y")]


def test_words_and_the_end_of_a_channel_are_events() -> None:
    message = {"type": "message", "channel": "C1", "user": "U1", "text": "help"}
    document = {"type": "event_callback", "event_id": "E1", "event_time": TS, "event": message}
    assert told(document) == [Written("C1", "U1", "help", NOW, "event E1")]
    assert told(document | {"event": message | {"bot_id": "B1"}}) == []
    assert told(document | {"event": {"type": "channel_archive", "channel": "C1"}}) == [Blocked("C1", NOW)]


def test_the_challenge_is_answered() -> None:
    assert SLACK.answer(ROBOT, signed(b'{"type":"url_verification","challenge":"abc"}')).body == b"abc"


def test_an_archived_channel_is_dead_and_shows_nothing() -> None:
    call = SLACK.look(ROBOT, "C 1")
    assert call is not None
    assert call.url == "https://slack.com/api/conversations.info?channel=C%201"
    assert SLACK.alive(reply_of({"ok": True, "channel": {"is_archived": False, "is_member": True}})) is True
    assert SLACK.alive(reply_of({"ok": True, "channel": {"is_archived": True}})) is False
    assert SLACK.alive(reply_of({"ok": False, "error": "channel_not_found"})) is False


def test_a_form_of_many_fields_has_no_event() -> None:
    assert SLACK.events(ROBOT, signed(b"payload=%7B%7D" + b"&a=1" * 50), NOW) == []
