"""Each channel speaks with a service that another hand wrote: messages arrive, presses and refusals are understood."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import (
    Accepted,
    Blocked,
    Button,
    Callback,
    Card,
    Delivered,
    Event,
    Failure,
    Forged,
    Outcome,
    Pressed,
    Read,
    Refused,
    Robot,
    Token,
    Unreadable,
    Written,
)
from shared.kit.outside.exchange import Call, Reply
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import FAKES, fake_chat
from tests.simulators.chat.whatsapp import Whatsapp

CALLBACK_URL = "https://c.example/outlets/callbacks/r1"
CHATS = {
    "line": "C" + "1" * 32,
    "whatsapp": "8613800138000",
    "telegram": "-1001",
    "slack": "C0123",
    "wecom_app": "zhangsan",
    "feishu_app": "oc_1",
    "sms": "+4917000001",
    "voice": "+4917000001",
}
CARD = Card("Order 12\n1 × 牛肉面 & <b>", "https://c.example/o/1", "Order", (Button("y", "Confirm", "confirm:1"),))
every_service = pytest.mark.parametrize("channel", sorted(FAKES))


class Service:
    """A channel with its fake. The calls go over HTTP."""

    def __init__(self, fake: FakeChat, http: httpx.Client) -> None:
        self.fake, self.http, self.channel = fake, http, CHANNELS[fake.channel]
        settings, secrets = fake.settings | {"callback_url": CALLBACK_URL, "template": "order"}, fake.secrets
        self.robot = Robot("r1", fake.channel, settings, secrets)
        self.chat = CHATS.get(fake.channel, "group")
        call = self.channel.token(self.robot)
        if call is not None:
            token = self.channel.token_outcome(self.reply(call))
            assert isinstance(token, Token)
            self.robot = Robot("r1", fake.channel, settings, secrets, token.value)

    def reply(self, call: Call) -> Reply:
        reply = self.http.request(call.method, call.url, headers=dict(call.headers), content=call.body)
        return Reply(reply.status_code, dict(reply.headers), reply.content)

    def send(self, card: Card = CARD, key: str = "k1") -> Outcome:
        return self.channel.outcome(self.reply(self.channel.send(self.robot, self.chat, card, key, datetime.now(UTC))))

    def told(self, request: httpx.Request) -> list[Event]:
        return self.channel.events(self.robot, callback_of(request), datetime.now(UTC))


def callback_of(request: httpx.Request) -> Callback:
    return Callback(request.method, dict(request.url.params), dict(request.headers), request.read(), str(request.url))


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture
def service(channel: str, http: httpx.Client) -> Iterator[Service]:
    with fake_chat(channel, callback_url=CALLBACK_URL) as fake:
        if isinstance(fake, Whatsapp):
            fake.open_always = True
        yield Service(fake, http)


@every_service
def test_a_card_arrives_with_its_text_and_link(service: Service) -> None:
    assert isinstance(service.send(), Accepted)
    [arrival] = service.fake.arrivals
    assert "Order 12" in arrival.text
    assert "牛肉面" in arrival.text
    if service.fake.channel != "voice":
        assert "https://c.example/o/1" in [*arrival.links, *(button.url for button in arrival.buttons)]


@every_service
def test_the_names_of_settings_are_all_that_the_service_needs(service: Service) -> None:
    names = {setting.name: setting.secret for setting in service.channel.settings}
    assert {name: names.get(name) for name in service.fake.settings} == dict.fromkeys(service.fake.settings, False)
    assert {name: names.get(name) for name in service.fake.secrets} == dict.fromkeys(service.fake.secrets, True)


@pytest.mark.parametrize("channel", [name for name in sorted(FAKES) if CHANNELS[name].shows_tapper])
def test_a_press_names_the_button_and_the_person(service: Service) -> None:
    outcome = service.send()
    [arrival] = service.fake.arrivals
    value = "1" if service.fake.channel == "voice" else arrival.buttons[0].value or ""
    [event] = service.told(service.fake.pressed(arrival, value, "person-1"))
    assert isinstance(event, Pressed)
    assert event.value == ("#1" if service.fake.channel == "voice" else "confirm:1")
    assert event.person
    assert isinstance(outcome, Accepted)
    assert event.message_id in (None, outcome.message_id)
    [again] = service.told(service.fake.pressed(arrival, value, "person-1"))
    assert isinstance(again, Pressed)


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_receipt_has_the_id_of_the_accepted_message(service: Service) -> None:
    outcome = service.send()
    [arrival] = service.fake.arrivals
    [event] = service.told(service.fake.received(arrival, "delivered"))
    assert isinstance(event, Delivered)
    assert isinstance(outcome, Accepted)
    assert event.message_id == outcome.message_id
    if service.fake.channel == "whatsapp":
        [read] = service.told(service.fake.received(arrival, "read"))
        assert isinstance(read, Read)


@pytest.mark.parametrize("channel", ["telegram", "whatsapp", "line", "slack", "wecom_app", "feishu_app", "sms"])
def test_words_of_a_person_are_read(service: Service) -> None:
    service.send()
    [event] = service.told(service.fake.written(service.chat, "person-1", "menu sold out beef noodles"))
    assert isinstance(event, Written)
    assert event.text == "menu sold out beef noodles"


def test_a_person_who_was_long_silent_gets_the_template(http: httpx.Client) -> None:
    with fake_chat("whatsapp", callback_url=CALLBACK_URL) as fake:
        service = Service(fake, http)
        outcome = service.send()
        assert isinstance(outcome, Refused)
        assert outcome.use_template
        assert isinstance(service.send(dataclasses.replace(CARD, as_template=True)), Accepted)


FAULTS = {
    "too_many": Failure.LATER,
    "dead": Failure.DEAD,
    "rights": Failure.RIGHTS,
    "content": Failure.CONTENT,
    "html": None,
    "truncated": None,
}


@every_service
@pytest.mark.parametrize("fault", FAULTS)
def test_refusals_have_their_class(service: Service, fault: Any) -> None:
    # A robot of WeCom has no rights apart from its key. Feishu's bot has one code for a wrong body and a busy service.
    if (service.fake.channel, fault) in {("wecom_robot", "rights"), ("feishu_bot", "content")}:
        return
    service.fake.fail([fault])
    outcome = service.send()
    if FAULTS[fault] is None:
        assert isinstance(outcome, Unreadable)
    else:
        assert isinstance(outcome, Refused)
        assert outcome.failure is FAULTS[fault], outcome


@every_service
def test_the_longest_text_is_taken(service: Service) -> None:
    card = Card('1 × 牛肉面 😀 "no nuts"\n' * 3000, "https://c.example/o/1", again=True, language="zh")
    assert isinstance(service.send(card), Accepted)
    [arrival] = service.fake.arrivals
    assert arrival.again
    assert "\ufffd" not in arrival.text


@pytest.mark.parametrize("channel", [name for name in sorted(FAKES) if CHANNELS[name].native_key])
def test_a_second_message_with_the_same_key_is_shown_once(service: Service) -> None:
    assert isinstance(service.send(), Accepted)
    assert isinstance(service.send(), Accepted)
    assert len(service.fake.arrivals) == 1


@pytest.mark.parametrize("channel", ["line", "feishu_app"])
def test_a_lost_reply_and_its_repetition_show_the_message_once(service: Service) -> None:
    service.fake.fail(["lost"])
    with pytest.raises(httpx.TransportError):
        service.send()
    assert isinstance(service.send(), Accepted)
    assert len(service.fake.arrivals) == 1


@pytest.mark.parametrize("channel", ["dingtalk"])
def test_the_redirect_of_a_ban_is_later(service: Service) -> None:
    outcomes = [service.send(key=f"k{number}") for number in range(22)]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes[:20])
    assert [getattr(outcome, "failure", None) for outcome in outcomes[20:]] == [Failure.LATER, Failure.LATER]


@pytest.mark.parametrize("channel", ["voice"])
def test_a_voicemail_is_no_press(service: Service) -> None:
    service.send()
    [arrival] = service.fake.arrivals
    completed = vars(type(service.fake))["completed"](service.fake, arrival)
    assert [event for event in service.told(completed) if isinstance(event, Pressed)] == []


@pytest.mark.parametrize("channel", ["telegram", "slack", "whatsapp", "line", "wecom_app", "feishu_app"])
def test_a_changed_or_old_callback_is_forged(service: Service) -> None:
    service.send()
    [arrival] = service.fake.arrivals
    request = service.fake.pressed(arrival, next(button.value for button in arrival.buttons if button.value), "77")
    callback = callback_of(request)
    changed = dataclasses.replace(callback, body=request.content.replace(b"7", b"8", 1))
    if service.fake.channel == "telegram":  # its callbacks carry a secret, and are not signed
        changed = dataclasses.replace(changed, headers={**callback.headers, "x-telegram-bot-api-secret-token": "other"})
    now = datetime.now(UTC)
    with pytest.raises(Forged):
        service.channel.events(service.robot, changed, now)
    if service.fake.channel in ("slack", "wecom_app", "feishu_app"):
        with pytest.raises(Forged):
            service.channel.events(service.robot, callback, now + timedelta(seconds=301))


@pytest.mark.parametrize("channel", ["telegram", "line", "feishu_app"])
def test_a_removed_robot_is_told_by_an_event(service: Service) -> None:
    request = service.fake.blocked(service.chat, blocked=True)
    assert request
    [event] = [event for event in service.told(request) if isinstance(event, Blocked)]
    assert event.chat == service.chat


@every_service
def test_a_login_is_seen(service: Service) -> None:
    call = service.channel.login(service.robot)
    if call is not None:
        assert isinstance(service.channel.login_outcome(service.reply(call)), Accepted)


@every_service
def test_a_live_chat_is_alive_and_a_dead_one_is_not(service: Service) -> None:
    call = service.channel.look(service.robot, service.chat)
    if call is None:
        return
    assert service.channel.alive(service.reply(call)) is True
    service.fake.dead_chats.add(service.chat)
    assert service.channel.alive(service.reply(call)) is False
    assert service.fake.attempts == []
