"""WhatsApp, by developers.facebook.com/docs/whatsapp/cloud-api."""

import hashlib
import hmac
import json

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import (
    Accepted,
    Button,
    Callback,
    Card,
    Delivered,
    Event,
    Failed,
    Failure,
    Forged,
    Pressed,
    Read,
    Refused,
    Written,
)
from tests.support.channels import BODY, NOW, SECRET, TS, body_of, failure_of, reply_of, robot_of, sent

WHATSAPP = CHANNELS["whatsapp"]
ROBOT = robot_of("whatsapp", app_secret=SECRET, verify_token="word", template="order", phone_number_id="55")
VECTOR = "sha256=aa9e2e3575f5d7098b6caccd790888c36d5fdb63342a73bada2d6a51747a8494"


def signed(document: object) -> Callback:
    body = json.dumps(document).encode()
    value = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return Callback("POST", {}, {"x-hub-signature-256": f"sha256={value}"}, body)


def told(**value: object) -> list[Event]:
    return WHATSAPP.events(ROBOT, signed({"entry": [{"changes": [{"value": value}]}]}), NOW)


def test_the_vector_is_genuine_and_a_change_is_not() -> None:
    assert WHATSAPP.events(ROBOT, Callback("POST", {}, {"x-hub-signature-256": VECTOR}, BODY), NOW) == []
    for header, body in ((VECTOR, BODY + b"\n"), (VECTOR.replace("aa9e", "aa9f"), BODY), (VECTOR[7:], BODY)):
        with pytest.raises(Forged):
            WHATSAPP.events(ROBOT, Callback("POST", {}, {"x-hub-signature-256": header}, body), NOW)


def test_the_set_up_check_is_answered_for_the_word_alone() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "word", "hub.challenge": "123"}
    assert WHATSAPP.events(ROBOT, Callback("GET", query), NOW) == []
    assert WHATSAPP.answer(ROBOT, Callback("GET", query)).body == b"123"
    with pytest.raises(Forged):
        WHATSAPP.events(ROBOT, Callback("GET", query | {"hub.verify_token": "Word"}), NOW)


def test_a_status_without_order_is_told_as_it_came() -> None:
    statuses = [
        {"id": "w1", "status": "read", "timestamp": str(TS)},
        {"id": "w1", "status": "delivered", "timestamp": str(TS)},
        {"id": "w1", "status": "sent", "timestamp": str(TS)},
    ]
    assert told(statuses=statuses) == [Read("w1", NOW), Delivered("w1", NOW)]


def test_a_failure_after_acceptance_has_its_class() -> None:
    errors = [{"code": 131026, "title": "Message undeliverable"}]
    events = told(statuses=[{"id": "w1", "status": "failed", "timestamp": str(TS), "errors": errors}])
    assert events == [Failed("w1", Refused(Failure.DEAD, "131026", "Message undeliverable"), NOW)]


def test_presses_and_words() -> None:
    common = {"from": "86138", "id": "w2", "timestamp": str(TS)}
    reply = {"interactive": {"type": "button_reply", "button_reply": {"id": "confirm:1"}}, "context": {"id": "w1"}}
    assert told(messages=[common | reply]) == [Pressed("w1", "confirm:1", "86138", NOW, "w2")]
    payload = {"button": {"payload": "confirm:2", "text": "Confirm"}}
    assert told(messages=[common | payload]) == [Pressed(None, "confirm:2", "86138", NOW, "w2")]
    assert told(messages=[common | {"text": {"body": "help"}}]) == [Written("86138", "86138", "help", NOW, "w2")]


def test_buttons_need_a_short_text_and_titles_of_20() -> None:
    card = Card("1 × tea", "https://c.example/o", buttons=(Button("y", "Confirm this order right now", "confirm:1"),))
    body = body_of(sent("whatsapp", card, robot=ROBOT))
    [button] = body["interactive"]["action"]["buttons"]
    assert (button["reply"]["id"], button["reply"]["title"]) == ("confirm:1", "Confirm this order…")
    long = body_of(sent("whatsapp", Card("x" * 5000, "https://c.example/o", buttons=card.buttons), robot=ROBOT))
    assert len(long["text"]["body"]) == 4096
    assert long["text"]["body"].endswith("https://c.example/o")


def test_a_template_has_its_text_in_one_line() -> None:
    body = body_of(sent("whatsapp", Card("a\n\n\tb     c", language="zh-CN", as_template=True), robot=ROBOT))
    assert body["template"]["language"] == {"code": "zh_CN"}
    [parameter] = body["template"]["components"][0]["parameters"]
    assert parameter["text"] == "a · · b c"


@pytest.mark.parametrize(
    ("codes", "failure"),
    [
        ((4, 80007, 130429, 131056, 131000, 131016, 131048, 131049), Failure.LATER),
        ((131026,), Failure.DEAD),
        ((190, 368, 131005, 131031, 131042), Failure.RIGHTS),
        ((131008, 131009, 132000, 132015, 131047), Failure.CONTENT),
    ],
)
def test_refusals_by_their_code(codes: tuple[int, ...], failure: Failure) -> None:
    for code in codes:
        assert failure_of("whatsapp", {"error": {"code": code, "message": "m"}}, 400) is failure, code


def test_some_refusals_say_more() -> None:
    late = WHATSAPP.outcome(reply_of({"error": {"code": 131049, "message": "m"}}, 400))
    assert isinstance(late, Refused)
    assert late.wait_seconds == 86400.0
    closed = WHATSAPP.outcome(reply_of({"error": {"code": 131047, "message": "m"}}, 400))
    assert isinstance(closed, Refused)
    assert closed.use_template
    assert WHATSAPP.outcome(reply_of({"messages": [{"id": "w1"}]})) == Accepted("w1")
