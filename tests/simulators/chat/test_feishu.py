"""The fake Feishu robot checks signatures in the body; the fake app has tokens, keys and encrypted callbacks."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.simulators.chat import signatures
from tests.simulators.chat.feishu_app import FeishuApp
from tests.simulators.chat.feishu_bot import FeishuBot

BUTTON = {"tag": "button", "text": {"tag": "plain_text", "content": "Confirm"}, "value": {"notice": "12"}}
CARD = {
    "header": {"title": {"tag": "plain_text", "content": "Order 12"}},
    "elements": [{"tag": "markdown", "content": "2 x Ramen"}, {"tag": "action", "actions": [BUTTON]}],
}


@pytest.fixture
def bot() -> Iterator[FeishuBot]:
    with FeishuBot() as service:
        yield service


@pytest.fixture
def app() -> Iterator[FeishuApp]:
    with FeishuApp() as service:
        service.callback_url = "http://127.0.0.1:1/callback"
        yield service


def post(http: httpx.Client, fake: FeishuBot, late: int = 0, secret: str = "", **body: Any) -> int:
    stamp = int(fake.wall()) - late
    sign = signatures.feishu_bot(secret or fake.secrets["secret"], stamp)
    url = f"{fake.url}/open-apis/bot/v2/hook/{fake.secrets['key']}"
    return int(http.post(url, json={"timestamp": str(stamp), "sign": sign, **body}).json()["code"])


def test_bot_takes_signed_texts_and_cards(bot: FeishuBot, http: httpx.Client) -> None:
    assert post(http, bot, msg_type="text", content={"text": "订单 12"}) == 0
    assert post(http, bot, msg_type="interactive", card=CARD) == 0
    assert [arrival.text for arrival in bot.arrivals] == ["订单 12", "Order 12\n2 x Ramen"]


def test_bot_refuses(bot: FeishuBot, http: httpx.Client) -> None:
    text: dict[str, Any] = {"msg_type": "text", "content": {"text": "a"}}
    assert post(http, bot, secret="other", **text) == 19021
    assert post(http, bot, late=3601, **text) == 19021
    assert [post(http, bot, **text) for _ in range(6)] == [0] * 5 + [11232]
    assert post(http, bot, msg_type="text", content={}) == 9499


def token_of(http: httpx.Client, fake: FeishuApp) -> str:
    body = {"app_id": fake.settings["app_id"], "app_secret": fake.secrets["app_secret"]}
    reply = http.post(f"{fake.url}/open-apis/auth/v3/tenant_access_token/internal", json=body)
    return str(reply.json()["tenant_access_token"])


def send(http: httpx.Client, fake: FeishuApp, token: str, **more: Any) -> httpx.Response:
    body = {"receive_id": "oc_1", "msg_type": "interactive", "content": json.dumps(CARD), **more}
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{fake.url}/open-apis/im/v1/messages"
    return http.post(url, params={"receive_id_type": "chat_id"}, json=body, headers=headers)


def test_app_shows_a_card_once_for_a_key(app: FeishuApp, http: httpx.Client) -> None:
    token = token_of(http, app)
    ids = [send(http, app, token, uuid="k-1").json()["data"]["message_id"] for _ in range(2)]
    assert ids == [app.arrivals[0].message_id] * 2
    assert app.arrivals[0].buttons[0].title == "Confirm"


def test_app_refuses(app: FeishuApp, http: httpx.Client) -> None:
    token = token_of(http, app)
    app.dead_chats.add("oc_2")
    assert send(http, app, token, receive_id="oc_2").json()["code"] == 230002
    assert send(http, app, "other").json()["code"] == 99991663
    assert send(http, app, token, content="{}").json()["code"] == 230001
    app.fail(["too_many"])
    reply = send(http, app, token)
    assert (reply.status_code, reply.json()["code"], reply.headers["x-ogw-ratelimit-reset"]) == (429, 99991400, "1")


def test_app_tells_its_readers(app: FeishuApp, http: httpx.Client) -> None:
    token = token_of(http, app)
    message = send(http, app, token).json()["data"]["message_id"]
    app.readers[message] = ["ou_7"]
    url = f"{app.url}/open-apis/im/v1/messages/{message}/read_users"
    items = http.get(url, headers={"Authorization": f"Bearer {token}"}).json()["data"]["items"]
    assert items[0]["user_id"] == "ou_7"


def test_callback_is_signed_over_the_encrypted_body(app: FeishuApp, http: httpx.Client) -> None:
    send(http, app, token_of(http, app))
    arrival = app.arrivals[0]
    value = arrival.buttons[0].value
    assert value is not None
    request = app.pressed(arrival, value, "ou_7")
    stamp, nonce = int(request.headers["X-Lark-Request-Timestamp"]), request.headers["X-Lark-Request-Nonce"]
    expected = signatures.feishu_event("encrypt-key-1", stamp, nonce, request.content)
    assert request.headers["X-Lark-Signature"] == expected
    event = json.loads(decrypted("encrypt-key-1", json.loads(request.content)["encrypt"]))
    assert event["event"]["action"]["value"] == {"notice": "12"}
    assert event["event"]["operator"]["open_id"] == "ou_7"


def test_decryption_fits_the_example_of_the_documentation() -> None:
    """Feishu's own example: the key `test key` opens this text to `hello world`."""
    assert decrypted("test key", "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=") == "hello world"


def decrypted(key: str, text: str) -> str:
    raw = base64.b64decode(text)
    cipher = Cipher(algorithms.AES(hashlib.sha256(key.encode()).digest()), modes.CBC(raw[:16])).decryptor()
    plain = cipher.update(raw[16:]) + cipher.finalize()
    return plain[: -plain[-1]].decode()
