"""The fake WeChat: one token alive, one right a message, values that are checked, results by event."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.chat import signatures
from tests.simulators.chat.wechat import Wechat
from tests.simulators.chat.wecom_callbacks import field_of

GUEST, TEMPLATE = "oGuest1", "tpl-ready"


@pytest.fixture
def fake() -> Iterator[Wechat]:
    with Wechat() as service:
        service.callback_url = "http://127.0.0.1:1/callback"
        yield service


def stable(http: httpx.Client, fake: Wechat, *, force: bool = False) -> str:
    body = {"grant_type": "client_credential", "appid": fake.settings["app_id"], "force_refresh": force}
    body["secret"] = fake.secrets["app_secret"]
    return str(http.post(f"{fake.url}/cgi-bin/stable_token", json=body).json()["access_token"])


def old(http: httpx.Client, fake: Wechat) -> str:
    query = {"grant_type": "client_credential", "appid": fake.settings["app_id"], "secret": fake.secrets["app_secret"]}
    return str(http.get(f"{fake.url}/cgi-bin/token", params=query).json()["access_token"])


def send(http: httpx.Client, fake: Wechat, token: str, path: str = "subscribe", data: Any = None) -> int:
    values = {name: {"value": value} for name, value in (data or {"thing1": "Ramen"}).items()}
    body = {"touser": GUEST, "template_id": TEMPLATE, "data": values}
    if path == "custom":
        body = {"touser": GUEST, "msgtype": "text", "text": {"content": "hello"}}
    url = f"{fake.url}/cgi-bin/message/{path}/send"
    return int(http.post(url, params={"access_token": token}, json=body).json()["errcode"])


def test_stable_token_stays_and_a_fetch_by_the_old_address_kills_it(fake: Wechat, http: httpx.Client) -> None:
    first = stable(http, fake)
    assert stable(http, fake) == first
    fake.accept(GUEST, TEMPLATE)
    assert send(http, fake, first) == 0
    second = old(http, fake)
    assert [send(http, fake, token, "template") for token in (first, second)] == [40001, 0]
    third = stable(http, fake, force=True)
    assert [send(http, fake, token, "template") for token in (second, third)] == [40001, 0]


def test_one_accept_is_one_message(fake: Wechat, http: httpx.Client) -> None:
    token = stable(http, fake)
    for _ in range(2):
        fake.accept(GUEST, TEMPLATE)
    assert [send(http, fake, token) for _ in range(3)] == [0, 0, 43101]


@pytest.mark.parametrize(
    "data",
    [
        {"thing1": "x" * 21},
        {"character_string2": "订单"},
        {"character_string2": "a" * 33},
        {"phrase3": "已经准备好了"},
        {"phrase3": "ready"},
        {"thing1": ""},
    ],
)
def test_values_are_checked(fake: Wechat, http: httpx.Client, data: dict[str, str]) -> None:
    fake.accept(GUEST, TEMPLATE)
    assert send(http, fake, stable(http, fake), data=data) == 47003
    assert fake.rights[GUEST, TEMPLATE] == 1


def test_values_at_their_limits_pass(fake: Wechat, http: httpx.Client) -> None:
    fake.accept(GUEST, TEMPLATE)
    data = {"thing1": "餐" * 20, "character_string2": "A" * 32, "phrase3": "已准备好了"}
    assert send(http, fake, stable(http, fake), data=data) == 0


def test_service_messages_are_five_in_48_hours(fake: Wechat, http: httpx.Client) -> None:
    token = stable(http, fake)
    assert send(http, fake, token, "custom") == 45015
    fake.written(GUEST, GUEST, "hi")
    assert [send(http, fake, token, "custom") for _ in range(6)] == [0] * 5 + [45047]


def test_strangers_and_unknown_templates(fake: Wechat, http: httpx.Client) -> None:
    token = stable(http, fake)
    fake.followers = set()
    assert send(http, fake, token, "template") == 43004
    fake.templates = set()
    assert send(http, fake, token, "template") == 40037


def opened(fake: Wechat, request: httpx.Request) -> str:
    query, encrypted = request.url.params, field_of(request.content.decode(), "Encrypt")
    signature = signatures.wecom("callback-token-1", query["timestamp"], query["nonce"], encrypted)
    assert query["msg_signature"] == signature
    return signatures.wecom_decrypt(fake.secrets["encoding_aes_key"], "wxfake1", encrypted)


def test_result_of_a_template_comes_as_an_event(fake: Wechat, http: httpx.Client) -> None:
    send(http, fake, stable(http, fake), "template")
    xml = opened(fake, fake.received(fake.arrivals[0], "failed:user block"))
    assert field_of(xml, "Status") == "failed:user block"
    assert field_of(xml, "MsgID") == fake.arrivals[0].message_id


def test_changes_of_consent_are_one_list_or_several(fake: Wechat) -> None:
    single = opened(fake, fake.consent(GUEST, [("tpl-1", "reject")]))
    double = opened(fake, fake.consent(GUEST, [("tpl-1", "accept"), ("tpl-2", "reject")], "popup"))
    assert (single.count("<List>"), double.count("<List>")) == (1, 2)
    assert field_of(single, "Event") == "subscribe_msg_change_event"


def test_check_of_an_address(fake: Wechat) -> None:
    query = fake.check_address("77").url.params
    assert query["signature"] == signatures.official_account("callback-token-1", query["timestamp"], query["nonce"])
    assert query["echostr"] == "77"
