"""The fake provider of SMS and calls: form posts, codes, and signed callbacks."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

import httpx
import pytest

from tests.simulators.chat import signatures
from tests.simulators.chat.provider import Provider, Sms, Voice

OWNER = "+8613800138000"


@pytest.fixture
def sms() -> Iterator[Sms]:
    with Sms() as service:
        service.callback_url = "http://127.0.0.1:1/callback"
        yield service


@pytest.fixture
def voice() -> Iterator[Voice]:
    with Voice() as service:
        service.callback_url = "http://127.0.0.1:1/callback"
        yield service


def post(http: httpx.Client, fake: Provider, path: str, **form: str) -> httpx.Response:
    account = fake.settings["account"]
    url = f"{fake.url}/2010-04-01/Accounts/{account}/{path}.json"
    return http.post(url, data={"To": OWNER, "From": "+1", **form}, auth=(account, fake.secrets["token"]))


def test_short_message_and_its_status(sms: Sms, http: httpx.Client) -> None:
    reply = post(http, sms, "Messages", Body="订单 12")
    arrival = sms.arrivals[0]
    assert (reply.status_code, reply.json()["sid"], arrival.text) == (201, arrival.message_id, "订单 12")
    request = sms.status(arrival, "undelivered", 30005)
    form = dict(parse_qsl(request.content.decode()))
    assert (form["MessageStatus"], form["ErrorCode"]) == ("undelivered", "30005")
    expected = signatures.twilio(sms.secrets["token"], sms.callback_url, form)
    assert request.headers["X-Twilio-Signature"] == expected


def test_status_goes_to_the_address_of_the_message(sms: Sms, http: httpx.Client) -> None:
    post(http, sms, "Messages", Body="a", StatusCallback="http://127.0.0.1:2/own")
    assert str(sms.received(sms.arrivals[0], "delivered").url) == "http://127.0.0.1:2/own"


def test_refusals(sms: Sms, http: httpx.Client) -> None:
    assert post(http, sms, "Messages", Body="a", To="123").json()["code"] == 21211
    assert post(http, sms, "Messages", Body="").json()["code"] == 21602
    assert post(http, sms, "Messages", Body="a" * 1601).json()["code"] == 21617
    post(http, sms, "Messages", Body="a")
    sms.written(OWNER, OWNER, "Stop")
    assert post(http, sms, "Messages", Body="a").json()["code"] == 21610
    sms.robots_without_rights.add(sms.settings["account"])
    reply = post(http, sms, "Messages", Body="a")
    assert (reply.status_code, reply.json()["code"]) == (401, 20003)


def test_call_ends_with_a_voicemail_or_a_digit(voice: Voice, http: httpx.Client) -> None:
    twiml = "<Response><Gather numDigits='1'><Say language='en'>Order 12. Press 1.</Say></Gather></Response>"
    post(http, voice, "Calls", Twiml=twiml)
    arrival = voice.arrivals[0]
    assert arrival.text == "Order 12. Press 1."
    requests = (voice.pressed(arrival, "1", OWNER), voice.completed(arrival), voice.unanswered(arrival, "busy"))
    forms = [dict(parse_qsl(request.content.decode())) for request in requests]
    assert [form["CallStatus"] for form in forms] == ["in-progress", "completed", "busy"]
    assert [form.get("Digits") for form in forms] == ["1", None, None]
    assert forms[1]["AnsweredBy"] == "machine_end_beep"
