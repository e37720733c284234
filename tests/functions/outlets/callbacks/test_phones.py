"""A provider of SMS and calls: signed callbacks reach the product, and a digit presses the button of its number."""

from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from stack.gateway_event import Answer
from tests.simulators.chat import signatures
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.outlets import FORM, Outlets, ask

HOST = "https://outlets.example.com"
PHONE = "+4915112345678"


def callback_of(channel: str) -> str:
    return f"{HOST}/outlets/callbacks/{channel}/demo:{channel}"


def served(outlets: Outlets, store: str, channel: str, **settings: str) -> Iterator[FakeChat]:
    """The outlet in a chat of the channel."""
    with fake_chat(channel, callback_url=callback_of(channel)) as fake:
        body = {"channel": channel, "settings": fake.settings | settings, "credentials": fake.secrets}
        assert outlets.api("PUT", f"/v1/outlets/robots/{channel}?chain=demo", body).status == 200
        outlets.add_outlet(store, (channel, PHONE))
        yield fake


@pytest.fixture
def voice(outlets: Outlets, store: str) -> Iterator[FakeChat]:
    yield from served(outlets, store, "voice", callback_url=callback_of("voice"))


@pytest.fixture
def sms(outlets: Outlets, store: str) -> Iterator[FakeChat]:
    yield from served(outlets, store, "sms")


def receive(request: httpx.Request, **different: str) -> Answer:
    """The request of the provider, as API gateway gives it to us behind TLS."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers |= {"host": "outlets.example.com", "x-forwarded-proto": "https"} | different
    parts = urlsplit(str(request.url))
    return ask(request.method, parts.path + (f"?{parts.query}" if parts.query else ""), request.content, headers)


def test_a_pressed_digit_confirms_with_the_time_of_its_button(outlets: Outlets, voice: FakeChat, store: str) -> None:
    outlets.place(store)
    [arrival] = voice.arrivals
    assert "Press 2 for" in arrival.text
    reply = receive(voice.pressed(arrival, "2", ""))
    assert reply.status == 200
    assert "20" in reply.text
    [notice] = outlets.notices("&state=confirmed")
    assert (notice["evidence"], notice["ready_minutes"], notice["answered_by"]) == ("press", 20, PHONE)


@pytest.mark.parametrize("digit", ["4", "9"])
def test_a_digit_without_a_button_confirms_nothing(outlets: Outlets, voice: FakeChat, store: str, digit: str) -> None:
    outlets.place(store)
    assert receive(voice.pressed(voice.arrivals[0], digit, "")).status == 200
    assert outlets.notices()[0]["state"] == "sent"


def test_only_a_pressed_digit_confirms_goalert_921(outlets: Outlets, voice: FakeChat, store: str) -> None:
    """A voicemail ends a call as "completed" too."""
    outlets.place(store)
    [arrival] = voice.arrivals
    fields = {"CallSid": arrival.message_id, "CallStatus": "completed"}
    signature = signatures.twilio(voice.secrets["token"], callback_of("voice"), fields)
    headers = {"content-type": FORM, "x-twilio-signature": signature}
    form = urlencode(fields).encode()
    assert receive(httpx.Request("POST", callback_of("voice"), content=form, headers=headers)).status == 200
    assert outlets.notices()[0]["state"] == "sent"
    receive(voice.pressed(arrival, "1", ""))
    assert outlets.notices("&state=confirmed")[0]["ready_minutes"] == 10


def test_a_signed_status_counts_and_a_changed_one_does_not(outlets: Outlets, sms: FakeChat, store: str) -> None:
    """The robot has no `callback_url`: the provider signs the address that it calls."""
    outlets.place(store)
    request = sms.received(sms.arrivals[0], "delivered")
    assert receive(request, host="other.example.com").status == 401
    forged = {"x-twilio-signature": signatures.twilio("another", callback_of("sms"), {})}
    assert receive(request, **forged).status == 401
    assert outlets.notices()[0]["state"] == "sent"
    assert receive(request).status == 200
    assert outlets.notices()[0]["state"] == "delivered"


def test_the_address_that_the_service_was_given_is_the_signed_one(
    outlets: Outlets, voice: FakeChat, store: str
) -> None:
    """A proxy gives the function another host than the provider called."""
    outlets.place(store)
    pressed = voice.pressed(voice.arrivals[0], "1", "")
    assert receive(pressed, host="abc.execute-api.eu-central-1.amazonaws.com").status == 200
    assert outlets.notices("&state=confirmed")
