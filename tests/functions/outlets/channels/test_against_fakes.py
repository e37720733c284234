"""Each channel against the fake of its service, which another hand wrote from the service's public description."""

from collections.abc import Iterator
from dataclasses import replace
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
    Failure,
    Forged,
    Pressed,
    Read,
    Refused,
    Robot,
    Token,
    Written,
)
from shared.kit.outside.exchange import Call, Reply
from tests.simulators.chat.arrivals import Arrival
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import FAKES, fake_chat

CALLBACK = "https://outlets.example.com/outlets/callbacks/x/demo:bot"
CHATS = {
    "telegram": "-1001", "slack": "C1", "whatsapp": "5215550123", "line": "C" + "1" * 32, "wecom_app": "zhang",
    "feishu_app": "oc_1", "sms": "+8613800138000", "voice": "+8613800138000", "wecom_robot": "fake-key-of-robot-1",
    "feishu_bot": "fake-feishu-hook-1", "dingtalk": "fake-dingtalk-token-1",
}  # fmt: skip
SENDING = [name for name in FAKES if name in CHANNELS]
PRESSING = ["telegram", "slack", "whatsapp", "line", "wecom_app", "feishu_app"]
WRITING = [*PRESSING, "sms"]
NAMES_DEAD_CHATS = [name for name in SENDING if name != "line"]
KEY = "3f1c2a88-6b0c-4d5e-9f01-23456789abcd"
TEXT = "Order 12 · 18:30\n2 × Ramen, 不要香菜 (allergy: nuts)\nTotal 25.00"


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


class Pair:
    """A channel, its fake, and a robot of both."""

    def __init__(self, name: str, fake: FakeChat, http: httpx.Client) -> None:
        self.channel: Any = CHANNELS[name]
        self.fake, self._http = fake, http
        self.chat = CHATS[name]
        fake.callback_url = CALLBACK
        names = {setting.name for setting in self.channel.settings}
        defaults = {setting.name: setting.default for setting in self.channel.settings if setting.default}
        settings = {**{key: value for key, value in defaults.items() if key in names}, **fake.settings}
        if "callback_url" in names:
            settings["callback_url"] = CALLBACK
        self.robot = Robot("demo:bot", name, settings, fake.secrets)
        if (call := self.channel.token(self.robot)) is not None:
            token = self.channel.token_outcome(self.post(call))
            assert isinstance(token, Token), token
            self.robot = replace(self.robot, token=token.value)

    def post(self, call: Call) -> Reply:
        """One request of the channel to the fake."""
        reply = self._http.request(call.method, call.url, content=call.body, headers=dict(call.headers))
        return Reply(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, reply.content)

    def send(self, card: Card | None = None, key: str = KEY) -> Any:
        """The outcome of a card."""
        shown = card or Card(TEXT, "https://outlets.example.com/outlets/confirm/t0ken", "Open the order", (CONFIRM,))
        call = self.channel.send(self.robot, self.chat, shown, key, datetime.now(UTC))
        return self.channel.outcome(self.post(call))

    def events(self, request: httpx.Request, late: float = 0) -> list[Any]:
        """The events that the channel reads from a callback."""
        now = datetime.now(UTC) + timedelta(seconds=late)
        events: list[Any] = self.channel.events(self.robot, callback_of(request), now)
        return events


CONFIRM = Button("confirm", "Confirm", "n:01JZX5T3Q8:confirm")


def callback_of(request: httpx.Request, body: bytes | None = None) -> Callback:
    headers = {name.lower(): value for name, value in request.headers.items()}
    content = request.content if body is None else body
    return Callback(request.method, dict(request.url.params), headers, content, str(request.url))


@pytest.fixture
def pair(request: pytest.FixtureRequest, http: httpx.Client) -> Iterator[Pair]:
    name: str = request.param
    with fake_chat(name) as fake:
        if name == "whatsapp":
            vars(fake)["open_always"] = True
        yield Pair(name, fake, http)


def channels(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("pair", names, indirect=True)


@channels(SENDING)
def test_card_is_shown_with_its_text_and_a_way_to_confirm(pair: Pair) -> None:
    outcome = pair.send()
    assert isinstance(outcome, Accepted), outcome
    [arrival] = pair.fake.arrivals
    assert "Order 12" in arrival.text
    assert "nuts" in arrival.text
    if pair.fake.channel != "voice":
        assert any("confirm/t0ken" in link for link in arrival.links) or any(button.value for button in arrival.buttons)


@channels(SENDING)
def test_longest_text_is_cut_before_the_service_refuses_it(pair: Pair) -> None:
    outcome = pair.send(Card("订单 👨‍👩‍👧 12, " * 4_000, "https://outlets.example.com/outlets/confirm/t0ken", "Open"))
    assert isinstance(outcome, Accepted), outcome


@channels(SENDING)
def test_too_fast_is_later_and_never_dead(pair: Pair) -> None:
    pair.fake.fail(["too_many"])
    outcome = pair.send()
    assert isinstance(outcome, Refused), outcome
    assert outcome.failure is Failure.LATER


@channels(SENDING)
def test_lost_rights_are_told_to_operations(pair: Pair) -> None:
    pair.fake.fail(["rights"])
    outcome = pair.send()
    assert isinstance(outcome, Refused), outcome
    # The service has one answer for a removed robot and for lost rights.
    expected = Failure.DEAD if pair.fake.channel == "wecom_robot" else Failure.RIGHTS
    assert outcome.failure is expected


@channels(NAMES_DEAD_CHATS)
def test_dead_chat_is_dead(pair: Pair) -> None:
    pair.fake.dead_chats.add(pair.chat)
    outcome = pair.send()
    assert isinstance(outcome, Refused), outcome
    assert outcome.failure is Failure.DEAD


@channels(["dingtalk"])
def test_redirect_of_a_ban_is_later(pair: Pair) -> None:
    outcomes = [pair.send() for _ in range(22)]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes[:20])
    assert [outcome.failure for outcome in outcomes[20:]] == [Failure.LATER, Failure.LATER]


@channels(["line", "feishu_app"])
def test_same_key_shows_a_message_once(pair: Pair) -> None:
    pair.fake.fail(["lost"])
    with pytest.raises(httpx.TransportError):
        pair.send()
    outcome = pair.send()
    assert isinstance(outcome, Accepted), outcome
    assert len(pair.fake.arrivals) == 1


@channels(PRESSING)
def test_press_has_the_value_and_the_person(pair: Pair) -> None:
    pair.send()
    [arrival] = pair.fake.arrivals
    request = pair.fake.pressed(arrival, value_of(arrival), "77")
    [event] = [event for event in pair.events(request) if isinstance(event, Pressed)]
    assert event.value == CONFIRM.value
    assert event.person == (pair.chat if pair.fake.channel == "whatsapp" else "77")
    assert event.event_id


@channels(["voice"])
def test_digit_is_a_press_and_a_voicemail_is_not(pair: Pair) -> None:
    pair.send()
    [arrival] = pair.fake.arrivals
    presses = [event for event in pair.events(pair.fake.pressed(arrival, "1", "x")) if isinstance(event, Pressed)]
    assert len(presses) == 1
    completed = vars(type(pair.fake))["completed"](pair.fake, arrival)
    assert [event for event in pair.events(completed) if isinstance(event, Pressed)] == []


@channels(PRESSING)
def test_changed_or_old_callback_is_forged(pair: Pair) -> None:
    pair.send()
    [arrival] = pair.fake.arrivals
    request = pair.fake.pressed(arrival, value_of(arrival), "77")
    changed = callback_of(request, request.content.replace(b"7", b"8", 1))
    if pair.fake.channel == "telegram":  # its callbacks carry a secret, and are not signed
        changed = replace(changed, headers={**changed.headers, "x-telegram-bot-api-secret-token": "other"})
    with pytest.raises(Forged):
        pair.channel.events(pair.robot, changed, datetime.now(UTC))
    if pair.fake.channel in ("slack", "wecom_app", "feishu_app"):
        with pytest.raises(Forged):
            pair.events(request, late=301)


@channels(WRITING)
def test_written_text_has_its_chat_and_person(pair: Pair) -> None:
    pair.send()
    request = pair.fake.written(pair.chat, "77", "closed tomorrow")
    [event] = [event for event in pair.events(request) if isinstance(event, Written)]
    assert event.text == "closed tomorrow"
    assert event.event_id


@channels(["telegram", "line", "feishu_app"])
def test_removed_robot_is_told_by_an_event(pair: Pair) -> None:
    request = pair.fake.blocked(pair.chat, blocked=True)
    assert request
    [event] = [event for event in pair.events(request) if isinstance(event, Blocked)]
    assert event.chat == pair.chat


@channels(["whatsapp", "sms"])
def test_receipts(pair: Pair) -> None:
    pair.send()
    [arrival] = pair.fake.arrivals
    [delivered] = pair.events(pair.fake.received(arrival, "delivered"))
    assert isinstance(delivered, Delivered)
    assert delivered.message_id == arrival.message_id
    if pair.fake.channel == "whatsapp":
        [read] = pair.events(pair.fake.received(arrival, "read"))
        assert isinstance(read, Read)


@channels(["line", "telegram", "feishu_app"])
def test_dead_chat_is_found_without_a_message(pair: Pair) -> None:
    def alive() -> Any:
        call = pair.channel.look(pair.robot, pair.chat)
        assert call is not None
        return pair.channel.alive(pair.post(call))

    assert alive() is True
    pair.fake.dead_chats.add(pair.chat)
    dead = alive()
    assert dead is False or (isinstance(dead, Refused) and dead.failure is Failure.DEAD)
    assert pair.fake.attempts == []


def value_of(arrival: Arrival) -> str:
    return next(button.value for button in arrival.buttons if button.value)
