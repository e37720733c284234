"""Feishu's bot and app, by open.feishu.cn and the vectors of their signatures."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

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
    Read,
    Refused,
    Token,
    Written,
)
from functions.outlets.channels.feishu_app import event_signature
from tests.support.channels import (
    BODY,
    NONCE,
    NOW,
    SECRET,
    TS,
    body_of,
    callback_of,
    failure_of,
    reply_of,
    robot_of,
    sent,
)

BOT, APP = CHANNELS["feishu_bot"], CHANNELS["feishu_app"]
KEY = "key1"
ROBOT = robot_of("feishu_app", bearer="t1", app_id="cli", encrypt_key=KEY, verification_token="word")
VECTOR = "54b21c8a5bfec9ce273f8c7fd867ea70ad7c14542c3ac1c0be486c292d6d2133"


def callback(body: bytes, ts: int = TS, signature: str | None = None) -> Callback:
    made = hashlib.sha256(f"{ts}{NONCE}{KEY}".encode() + body).hexdigest()
    headers = {"timestamp": str(ts), "nonce": NONCE}
    named = {f"x-lark-request-{name}": value for name, value in headers.items()}
    return Callback("POST", {}, named | {"x-lark-signature": signature or made}, body)


def sealed(document: object) -> bytes:
    plain = json.dumps(document).encode()
    filling = 16 - len(plain) % 16
    encryptor = Cipher(algorithms.AES256(hashlib.sha256(KEY.encode()).digest()), modes.CBC(b"i" * 16)).encryptor()
    content = encryptor.update(plain + bytes([filling]) * filling) + encryptor.finalize()
    return json.dumps({"encrypt": base64.b64encode(b"i" * 16 + content).decode()}).encode()


def told(kind: str, event: dict[str, Any]) -> list[Event]:
    header = {"event_type": kind, "event_id": "E1", "create_time": str(TS * 1000)}
    return APP.events(ROBOT, callback(sealed({"header": header, "event": event})), NOW)


def test_the_vectors() -> None:
    body = body_of(sent("feishu_bot", Card("a"), robot=robot_of("feishu_bot", key="k", secret=SECRET)))
    assert (body["timestamp"], body["sign"]) == (str(TS), "5wIQuPq3EnI2o5bKMJ0NfDVZJtGIFAiI9+YR6lbMX+M=")
    assert event_signature(SECRET, str(TS), NONCE, BODY) == VECTOR
    robot = robot_of("feishu_app", encrypt_key=SECRET)
    assert APP.events(robot, callback(BODY, signature=VECTOR), NOW) == []


@pytest.mark.parametrize(
    "forged",
    [
        callback(sealed({}), signature="0" * 64),
        callback(sealed({}), TS - 301),
        callback(sealed({}), TS + 301),
        callback(b'{"encrypt":"QUJD"}'),
        callback(b'{"encrypt":"%"}'),
        callback(b"<html>"),
        Callback("POST", {}, {}, sealed({"header": {"event_type": "card.action.trigger"}})),
        callback_of({"type": "url_verification", "token": "Word", "challenge": "c"}),
    ],
)
def test_a_changed_or_old_callback_is_forged(forged: Callback) -> None:
    with pytest.raises(Forged):
        APP.events(ROBOT, forged, NOW)


def test_the_set_up_check_is_answered() -> None:
    check = Callback("POST", {}, {}, sealed({"type": "url_verification", "token": "word", "challenge": "c1"}))
    assert APP.events(ROBOT, check, NOW) == []
    assert body_of(APP.answer(ROBOT, check)) == {"challenge": "c1"}


def test_events() -> None:
    press = {
        "operator": {"open_id": "ou_1"},
        "action": {"value": {"value": "confirm:1"}},
        "context": {"open_message_id": "om_1"},
    }
    assert told("card.action.trigger", press) == [Pressed("om_1", "confirm:1", "ou_1", NOW, "E1")]
    words = {"sender": {"sender_id": {"open_id": "ou_1"}}, "message": {"chat_id": "oc_1", "content": '{"text":"help"}'}}
    assert told("im.message.receive_v1", words) == [Written("oc_1", "ou_1", "help", NOW, "E1")]
    read = {"message_id_list": ["om_1"], "reader": {"read_time": str(TS * 1000)}}
    assert told("im.message.message_read_v1", read) == [Read("om_1", NOW)]
    assert told("im.chat.disbanded_v1", {"chat_id": "oc_1"}) == [Blocked("oc_1", NOW)]


@pytest.mark.parametrize("event", [{}, {"message_id_list": 7}, {"message_id_list": "om"}, {"action": []}])
def test_an_event_of_another_form_is_none(event: dict[str, Any]) -> None:
    for kind in ("card.action.trigger", "im.message.receive_v1", "im.message.message_read_v1"):
        assert told(kind, event) == []


def test_a_press_is_answered_by_a_toast() -> None:
    body = sealed({"header": {"event_type": "card.action.trigger"}})
    assert body_of(APP.answer(ROBOT, callback(body), "Confirmed 12:03"))["toast"]["content"] == "Confirmed 12:03"


def test_a_guest_mentions_no_person() -> None:
    text = body_of(sent("feishu_bot", Card('<at user_id="all">all</at> tea')))["content"]["text"]
    assert "<at" not in text
    assert "tea" in text


def test_the_card_of_the_app_has_its_key_and_stays_below_30_kilobytes() -> None:
    card = Card('"\n' * 20_000, "https://c.example/o", buttons=(Button("y", "Confirm", "confirm:1"),))
    call = sent("feishu_app", card, chat="oc_1", robot=ROBOT)
    assert call.url.endswith("receive_id_type=chat_id")
    assert len(call.body) < 30_000
    assert body_of(call)["uuid"] == "k1"
    content = json.loads(body_of(call)["content"])
    assert content["elements"][1]["actions"][0]["value"] == {"value": "confirm:1"}
    assert len(body_of(sent("feishu_app", card, key="k" * 80))["uuid"]) <= 50


@pytest.mark.parametrize(
    ("channel", "code", "failure"),
    [
        ("feishu_bot", 9499, Failure.LATER),
        ("feishu_bot", 11232, Failure.LATER),
        ("feishu_bot", 19021, Failure.RIGHTS),
        ("feishu_bot", 19024, Failure.RIGHTS),
        ("feishu_bot", 0, None),
        ("feishu_app", 99991400, Failure.LATER),
        ("feishu_app", 230002, Failure.DEAD),
        ("feishu_app", 230025, Failure.CONTENT),
    ],
)
def test_refusals_come_with_status_200(channel: str, code: int, failure: Failure | None) -> None:
    assert failure_of(channel, {"code": code, "msg": "m"}) is failure


def test_a_limit_says_how_long_to_wait_and_an_old_token_is_renewed() -> None:
    limited = APP.outcome(reply_of({"code": 99991400, "msg": "m"}, 429, x_ogw_ratelimit_reset="7"))
    assert isinstance(limited, Refused)
    assert limited.wait_seconds == 7.0
    stale = APP.outcome(reply_of({"code": 99991663, "msg": "m"}, 400))
    assert isinstance(stale, Refused)
    assert stale.renew_token
    assert APP.outcome(reply_of({"code": 0, "data": {"message_id": "om_1"}})) == Accepted("om_1")
    assert APP.token_outcome(reply_of({"code": 0, "tenant_access_token": "t", "expire": 7200})) == Token("t", 7200.0)
