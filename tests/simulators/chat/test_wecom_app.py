"""The fake WeCom app has one token, drops silently over its limits, and encrypts its callbacks."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulators.chat import signatures
from tests.simulators.chat.wecom_app import WecomApp
from tests.simulators.chat.wecom_callbacks import field_of
from tests.simulators.chat.windows import Window

CARD = {
    "card_type": "button_interaction",
    "main_title": {"title": "Order 12", "desc": "18:30"},
    "task_id": "notice-12",
    "button_list": [{"text": "Confirm", "style": 1, "key": "ok-1"}],
}


@pytest.fixture
def fake() -> Iterator[WecomApp]:
    with WecomApp() as service:
        service.callback_url = "http://127.0.0.1:1/callback"
        yield service


@pytest.fixture
def token(fake: WecomApp, http: httpx.Client) -> str:
    return str(fetch(http, fake)["access_token"])


def fetch(http: httpx.Client, fake: WecomApp) -> Any:
    query = {"corpid": fake.settings["corp_id"], "corpsecret": fake.secrets["corp_secret"]}
    return http.get(f"{fake.url}/cgi-bin/gettoken", params=query).json()


def send(http: httpx.Client, fake: WecomApp, token: str, kind: str = "text", content: Any = None, **more: Any) -> Any:
    body = {"touser": "zhang", "agentid": int(fake.settings["agent_id"]), "msgtype": kind}
    body = {**body, kind: content or {"content": "订单 12"}, **more}
    return http.post(f"{fake.url}/cgi-bin/message/send", params={"access_token": token}, json=body).json()


def test_token_is_the_same_until_it_ends(fake: WecomApp, http: httpx.Client, token: str) -> None:
    assert fetch(http, fake)["access_token"] == token
    assert send(http, fake, token)["errcode"] == 0
    now = fake.wall()
    fake.wall = lambda: now + 7201
    assert send(http, fake, token)["errcode"] == 42001
    assert fetch(http, fake)["access_token"] != token
    assert send(http, fake, token)["errcode"] == 40014


def test_over_the_limit_of_a_member_it_drops_silently(http: httpx.Client) -> None:
    with WecomApp(windows=[Window(2, 60, "chat")]) as fake:
        token = fetch(http, fake)["access_token"]
        assert [send(http, fake, token)["errcode"] for _ in range(3)] == [0, 0, 0]
        assert [arrival.outcome for arrival in fake.attempts] == ["shown", "shown", "dropped"]


def test_duplicate_check_shows_once(fake: WecomApp, http: httpx.Client, token: str) -> None:
    more = {"enable_duplicate_check": 1, "duplicate_check_interval": 1800}
    other = {**CARD, "main_title": {"title": "Order 12, again"}}
    replies = [send(http, fake, token, "template_card", card, **more) for card in (CARD, CARD, other)]
    assert [reply["errcode"] for reply in replies] == [0, 0, 0]
    assert [arrival.outcome for arrival in fake.attempts] == ["shown", "repeated", "shown"]


def test_dead_people_and_chats(fake: WecomApp, http: httpx.Client, token: str) -> None:
    fake.dead_chats |= {"zhang", "chat-1"}
    assert send(http, fake, token)["errcode"] == 81013
    query = {"access_token": token}
    body = {"chatid": "chat-1", "msgtype": "text", "text": {"content": "a"}}
    assert http.post(f"{fake.url}/cgi-bin/appchat/send", params=query, json=body).json()["errcode"] == 86001
    look = http.get(f"{fake.url}/cgi-bin/user/get", params={**query, "userid": "zhang"})
    assert look.json()["errcode"] == 60111


def test_response_code_changes_a_card_once(fake: WecomApp, http: httpx.Client, token: str) -> None:
    code = send(http, fake, token, "template_card", CARD)["response_code"]
    url, body = f"{fake.url}/cgi-bin/message/update_template_card", {"userids": ["zhang"], "response_code": code}
    replies = [http.post(url, params={"access_token": token}, json=body).json()["errcode"] for _ in range(2)]
    assert replies[0] == 0
    assert replies[1] != 0


def test_press_is_encrypted_and_signed(fake: WecomApp, http: httpx.Client, token: str) -> None:
    send(http, fake, token, "template_card", CARD, enable_duplicate_check=1)
    request = fake.pressed(fake.arrivals[0], "ok-1", "li")
    query, encrypted = request.url.params, field_of(request.content.decode(), "Encrypt")
    signature = signatures.wecom("callback-token-1", query["timestamp"], query["nonce"], encrypted)
    assert query["msg_signature"] == signature
    xml = signatures.wecom_decrypt(fake.secrets["encoding_aes_key"], "wwfakecorp", encrypted)
    names = ("FromUserName", "Event", "EventKey", "TaskId")
    assert [field_of(xml, name) for name in names] == ["li", "template_card_event", "ok-1", "notice-12"]


def test_check_of_an_address_is_encrypted(fake: WecomApp) -> None:
    query = fake.check_address("echo-7").url.params
    assert signatures.wecom_decrypt(fake.secrets["encoding_aes_key"], "wwfakecorp", query["echostr"]) == "echo-7"
    signature = signatures.wecom("callback-token-1", query["timestamp"], query["nonce"], query["echostr"])
    assert query["msg_signature"] == signature
