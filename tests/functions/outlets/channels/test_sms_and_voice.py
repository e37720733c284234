"""SMS and calls, by twilio.com/docs and public reports."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, urlencode
from xml.etree import ElementTree as ET

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
    Refused,
    Written,
)
from functions.outlets.channels.twilio_form import twilio_signature
from tests.support.channels import NOW, failure_of, reply_of, robot_of, sent

SMS, VOICE = CHANNELS["sms"], CHANNELS["voice"]
URL = "https://c.example/outlets/callbacks/voice/r1?a=1"
VALUES = {"account": "AC1", "from": "+4930", "token": "12345", "callback_url": URL}
CARD = Card("Order 12 & tea", "https://c.example/o", buttons=(Button("y", "confirm", "v"), Button("n", "decline", "w")))


def signed(fields: dict[str, str], url: str = URL) -> Callback:
    content = url + "".join(name + fields[name] for name in sorted(fields))
    value = base64.b64encode(hmac.new(b"12345", content.encode(), hashlib.sha1).digest()).decode()
    return Callback("POST", {}, {"x-twilio-signature": value}, urlencode(fields).encode(), URL)


def told(channel: str, **fields: str) -> list[Event]:
    return CHANNELS[channel].events(robot_of(channel, **VALUES), signed(fields), NOW)


def test_the_example_of_the_provider_is_genuine() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio_signature("12345", url, list(fields.items())) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize(
    "callback",
    [
        signed({"Digits": "1"}, "https://evil.example/"),
        Callback("POST", {}, signed({"Digits": "2"}).headers, b"Digits=1", URL),
        Callback("POST", {}, {}, b"Digits=1", URL),
        Callback("POST", {}, {}, b"\xff" + b"&a=1" * 500, URL),
    ],
)
def test_a_changed_callback_is_forged(callback: Callback) -> None:
    with pytest.raises(Forged):
        VOICE.events(robot_of("voice", **VALUES), callback, NOW)


def test_only_a_pressed_digit_is_a_press_goalert_921() -> None:
    assert told("voice", CallSid="CA1", CallStatus="completed", AnsweredBy="machine_start") == []
    assert told("voice", CallSid="CA1", Digits="1", To="+4917", CallStatus="in-progress") == [
        Pressed("CA1", "#1", "+4917", NOW, "press CA1 1")
    ]
    assert told("voice", CallSid="CA1", Digits="#") == []
    [failed] = told("voice", CallSid="CA1", CallStatus="no-answer")
    assert isinstance(failed, Failed)
    assert failed.refused.failure is Failure.LATER


def test_a_call_reads_the_text_and_asks_for_a_digit() -> None:
    call = sent("voice", CARD, chat="+4917", robot=robot_of("voice", **VALUES))
    form = parse_qs(call.body.decode())
    assert call.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls.json"
    assert call.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:12345").decode()
    script = ET.fromstring(form["Twiml"][0])  # noqa: S314 -- our own text
    gather = script.find("Gather")
    assert gather is not None
    assert (gather.get("action"), gather.get("numDigits")) == (URL, "1")
    assert gather.findtext("Say") == "Order 12 & tea Press 1 for confirm. Press 2 for decline."
    assert VOICE.answer(robot_of("voice"), signed({}), "Thank you <3").body.count(b"&lt;3") == 1


def test_a_message_is_short_and_has_its_link() -> None:
    call = sent("sms", Card("牛" * 500, "https://c.example/o"), chat="+4917", robot=robot_of("sms", **VALUES))
    form = parse_qs(call.body.decode())
    assert (form["To"], form["From"], form["StatusCallback"]) == (["+4917"], ["+4930"], [URL])
    assert len(form["Body"][0]) == 402
    assert form["Body"][0].endswith("\nhttps://c.example/o")


def test_statuses_and_words_of_messages() -> None:
    assert told("sms", MessageSid="SM1", MessageStatus="delivered") == [Delivered("SM1", NOW)]
    assert told("sms", MessageSid="SM1", MessageStatus="sent", From="+49", Body="x") == []
    assert told("sms", MessageSid="SM2", From="+4917", Body="help") == [Written("+4917", "+4917", "help", NOW, "SM2")]
    [failed] = told("sms", MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30005")
    assert isinstance(failed, Failed)
    assert failed.refused.failure is Failure.DEAD


@pytest.mark.parametrize(
    ("codes", "failure"),
    [
        ((21211, 21610, 21614, 30005, 30006), Failure.DEAD),
        ((20429, 30003), Failure.LATER),
        ((30007,), Failure.CONTENT),
        ((20003,), Failure.RIGHTS),
    ],
)
def test_refusals_by_their_code(codes: tuple[int, ...], failure: Failure) -> None:
    for code in codes:
        assert failure_of("sms", {"code": code, "message": "m", "status": 400}, 400) is failure, code
    assert SMS.outcome(reply_of({"sid": "SM1", "status": "queued"}, 201)) == Accepted("SM1")


def test_a_closed_account_has_no_rights() -> None:
    outcome = SMS.login_outcome(reply_of({"sid": "AC1", "status": "suspended"}))
    assert isinstance(outcome, Refused)
    assert outcome.failure is Failure.RIGHTS
