"""WeChat's official account and mini-program, against a fake of another hand."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from functions.outlets.channels.contract import Accepted, Callback, Failure, Forged, Refused, Robot, Token
from functions.outlets.guests.consents import PushResult
from functions.outlets.guests.contract import Consented, Followed, Push, PushSettled
from functions.outlets.guests.values import fitting_value, template_data
from functions.outlets.guests.wechat import (
    SETTINGS,
    answer,
    guest_events,
    push_outcome,
    right_after,
    subscription_call,
    template_call,
    token_call,
    token_outcome,
)
from shared.kit.outside.exchange import Call, Reply
from tests.simulators.chat.wechat import Wechat
from tests.support.channels import NONCE, NOW, TS, reply_of
from tests.support.tencent import sealed, signature

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OFFLINE = Robot("r1", "wechat", {"app_id": "wx1"}, {"callback_token": "tok", "encoding_aes_key": KEY})
PUSH = Push("p1", "o1", "t1", {"thing1": "牛肉面", "character_string2": "No. 12"}, "pages/order")


class Service:
    """The fake with a robot that has a token."""

    def __init__(self, fake: Wechat, http: httpx.Client) -> None:
        self.fake, self.http = fake, http
        self.robot = self.fetched(Robot("r1", "wechat", fake.settings, fake.secrets))

    def fetched(self, robot: Robot) -> Robot:
        token = token_outcome(self.reply(token_call(robot)))
        assert isinstance(token, Token)
        return Robot("r1", "wechat", robot.settings, robot.secret, token.value)

    def reply(self, call: Call) -> Reply:
        reply = self.http.request(call.method, call.url, headers=dict(call.headers), content=call.body)
        return Reply(reply.status_code, dict(reply.headers), reply.content)

    def told(self, request: httpx.Request) -> list[object]:
        callback = Callback(request.method, dict(request.url.params), dict(request.headers), request.read())
        return list(guest_events(self.robot, callback, datetime.now(UTC)))


@pytest.fixture
def service() -> Iterator[Service]:
    with httpx.Client() as http, Wechat(callback_url="https://c.example/guests/r1") as fake:
        yield Service(fake, http)


def refusal(service: Service, push: Push = PUSH) -> Refused:
    outcome = push_outcome(service.reply(subscription_call(service.robot, push)))
    assert isinstance(outcome, Refused)
    return outcome


def test_the_set_up_asks_for_all_that_the_service_needs(service: Service) -> None:
    names = {setting.name for setting in SETTINGS}
    assert names == set(service.fake.settings) | set(service.fake.secrets)


def test_a_second_fetch_of_the_token_leaves_the_first_alive_easywechat_696_wechat_870(service: Service) -> None:
    again = service.fetched(service.robot)
    assert again.token == service.robot.token
    service.fake.accept("o1", "t1")
    assert isinstance(push_outcome(service.reply(subscription_call(service.robot, PUSH))), Accepted)


def test_one_accept_is_one_message(service: Service) -> None:
    service.fake.accept("o1", "t1")
    first, second = (push_outcome(service.reply(subscription_call(service.robot, PUSH))) for _ in range(2))
    assert isinstance(first, Accepted)
    assert isinstance(second, Refused)
    assert (second.failure, second.code) == (Failure.DEAD, "43101")
    assert right_after(second, mass=False) is PushResult.NO_RIGHT
    assert right_after(second, mass=True) is PushResult.UNKNOWN
    assert right_after(first, mass=True) is PushResult.SHOWN


@pytest.mark.parametrize(
    ("fault", "failure", "code"),
    [
        ("later", Failure.LATER, "45009"),
        ("content", Failure.CONTENT, "47003"),
        ("template", Failure.CONTENT, "40037"),
        ("page", Failure.CONTENT, "41030"),
        ("dead", Failure.DEAD, "40003"),
        ("rights", Failure.RIGHTS, "48001"),
    ],
)
def test_failures_are_told_apart(fault: str, failure: Failure, code: str) -> None:
    texts = {"later": 45009, "content": 47003, "template": 40037, "page": 41030, "dead": 40003, "rights": 48001}
    outcome = push_outcome(reply_of({"errcode": texts[fault], "errmsg": "m"}))
    assert isinstance(outcome, Refused)
    assert (outcome.failure, outcome.code) == (failure, code)
    assert right_after(outcome, mass=False) is PushResult.NOT_SHOWN


def test_an_old_token_is_renewed(service: Service) -> None:
    service.fake.forget_sessions()
    outcome = refusal(service)
    assert outcome.renew_token
    assert outcome.failure is Failure.LATER


def test_a_template_of_an_official_account_has_its_result_by_an_event(service: Service) -> None:
    outcome = push_outcome(service.reply(template_call(service.robot, PUSH)))
    [arrival] = service.fake.arrivals
    assert outcome == Accepted(arrival.message_id)
    for status, result in (
        ("delivered", PushResult.SHOWN),
        ("failed:user block", PushResult.NOT_SHOWN),
        ("failed:freq limit", PushResult.NOT_SHOWN),
    ):
        [event] = service.told(service.fake.received(arrival, status))
        assert isinstance(event, PushSettled)
        assert (event.message_id, event.openid, event.result) == (arrival.message_id, "o1", result)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_consents_come_one_or_many_in_an_event(service: Service, count: int) -> None:
    changes = [(f"t{number}", "accept") for number in range(count)]
    events = service.told(service.fake.consent("o1", changes, "popup"))
    assert [(event.template, event.accepted) for event in events if isinstance(event, Consented)] == [
        (template, True) for template, _ in changes
    ]
    assert len({event.event_id for event in events if isinstance(event, Consented)}) == count


def test_a_refusal_in_the_settings_takes_rights_and_one_in_the_pop_up_does_not(service: Service) -> None:
    assert service.told(service.fake.consent("o1", [("t1", "reject")], "popup")) == []
    [event] = service.told(service.fake.consent("o1", [("t1", "reject")]))
    assert isinstance(event, Consented)
    assert not event.accepted
    [left] = service.told(service.fake.blocked("o1", blocked=True))
    assert isinstance(left, Followed)
    assert not left.follows


@pytest.mark.parametrize("many", [False, True])
def test_json_events_have_an_object_or_an_array(many: bool) -> None:  # noqa: FBT001 -- a case, not an option
    entry = {"TemplateId": "t1", "SubscribeStatusString": "accept"}
    document = {
        "FromUserName": "o1",
        "CreateTime": TS,
        "MsgType": "event",
        "Event": "subscribe_msg_popup_event",
        "List": [entry, entry | {"TemplateId": "t2"}] if many else entry,
    }
    events = guest_events(OFFLINE, enveloped(json.dumps(document).encode()), NOW)
    assert len(events) == 1 + many
    assert events[0] == Consented("o1", "t1", accepted=True, at=NOW, event_id=f"o1 {TS} t1")


def enveloped(content: bytes, ts: int = TS, app: str = "wx1") -> Callback:
    envelope = sealed(content, KEY, app)
    query = {"timestamp": str(ts), "nonce": NONCE, "msg_signature": signature("tok", str(ts), NONCE, envelope)}
    return Callback("POST", query, {}, json.dumps({"Encrypt": envelope}).encode())


@pytest.mark.parametrize(
    "callback",
    [
        enveloped(b"{}", TS - 301),
        enveloped(b"{}", app="wx2"),
        Callback("POST", {"msg_signature": "0" * 40, "timestamp": str(TS), "nonce": NONCE}, {}, b'{"Encrypt":"QUJD"}'),
        Callback("POST", {}, {}, b"{}"),
        Callback("GET", {"signature": "0" * 40, "timestamp": str(TS), "nonce": NONCE, "echostr": "1"}),
    ],
)
def test_a_changed_or_old_callback_is_forged(callback: Callback) -> None:
    with pytest.raises(Forged):
        guest_events(OFFLINE, callback, NOW)


def test_the_address_check_of_the_vector_is_answered() -> None:
    value = signature("tok", str(TS), NONCE)
    check = Callback("GET", {"signature": value, "timestamp": str(TS), "nonce": NONCE, "echostr": "592"})
    assert value == "c9b4a3116a02aeabfa05c0acccbf369c792a9df1"
    assert guest_events(OFFLINE, check, NOW) == []
    assert answer(OFFLINE, check).body == b"592"
    assert answer(OFFLINE, enveloped(b"{}")).body == b"success"


@pytest.mark.parametrize(
    "content", [b"", b"<xml>", b"[]", b"<xml><Event>subscribe_msg_popup_event</Event></xml>", b"\xff"]
)
def test_an_event_of_another_form_is_none(content: bytes) -> None:
    assert guest_events(OFFLINE, enveloped(content), NOW) == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("thing1", "牛肉面" * 10, "牛肉面牛肉面牛肉面牛肉面牛肉面牛肉面牛…"),
        ("character_string2", "No. 12 号", "No. 12 "),
        ("phrase3", "制作完成了吗 ok", "制作完成了"),
        ("number4", "12 份", "12"),
        ("thing5", " \n", "-"),
        ("amount6", "￥12.50", "￥12.50"),
    ],
)
def test_values_fit_their_kind(name: str, value: str, expected: str) -> None:
    assert fitting_value(name, value) == expected


def test_the_service_takes_fitted_values(service: Service) -> None:
    service.fake.accept("o1", "t1")
    push = Push("p1", "o1", "t1", {"thing1": "面" * 50, "phrase2": "已完成 ready", "character_string3": "A-1 号"})
    assert isinstance(push_outcome(service.reply(subscription_call(service.robot, push))), Accepted)
    with pytest.raises(ValueError, match="phrase1"):
        template_data({"phrase1": "ready"})
