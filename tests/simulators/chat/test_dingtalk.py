"""The fake DingTalk robot checks the signature of its address, and bans for ten minutes."""

import time
from collections.abc import Iterator
from urllib.parse import unquote

import httpx
import pytest

from tests.simulators.chat import signatures
from tests.simulators.chat.dingtalk import Dingtalk

CARD = {
    "msgtype": "actionCard",
    "actionCard": {"title": "Order 12", "text": "2 x Ramen", "singleTitle": "Open", "singleURL": "https://example.com/1"},
}  # fmt: skip


@pytest.fixture
def fake() -> Iterator[Dingtalk]:
    with Dingtalk() as service:
        yield service


def post(http: httpx.Client, fake: Dingtalk, body: object = None, late: int = 0, secret: str = "") -> httpx.Response:
    stamp = int(time.time() * 1000) - late
    sign = unquote(signatures.dingtalk(secret or fake.secrets["secret"], stamp))
    query = {"access_token": fake.secrets["access_token"], "timestamp": str(stamp), "sign": sign}
    return http.post(f"{fake.url}/robot/send", params=query, json=body or text("Order 12"))


def text(content: str) -> dict[str, object]:
    return {"msgtype": "text", "text": {"content": content}}


def test_signed_messages_are_shown(fake: Dingtalk, http: httpx.Client) -> None:
    assert [post(http, fake, body).json()["errcode"] for body in (text("订单"), CARD)] == [0, 0]
    assert [arrival.links for arrival in fake.arrivals] == [[], ["https://example.com/1"]]


def test_wrong_and_old_signatures(fake: Dingtalk, http: httpx.Client) -> None:
    assert post(http, fake, secret="other").json()["errcode"] == 310000
    assert post(http, fake, late=3_700_000).json()["errcode"] == 310000
    assert fake.attempts == []


def test_ban_answers_with_a_redirect_until_it_ends(fake: Dingtalk, http: httpx.Client) -> None:
    replies = [post(http, fake) for _ in range(22)]
    assert [reply.status_code for reply in replies] == [200] * 21 + [302]
    assert [reply.json()["errcode"] for reply in replies[19:21]] == [0, 130101]
    assert 590 < fake.windows.banned(fake.secrets["access_token"], time.monotonic()) <= 600


def test_dead_and_stopped(fake: Dingtalk, http: httpx.Client) -> None:
    fake.dead_chats.add(fake.secrets["access_token"])
    assert "group.disbanded" in post(http, fake).json()["errmsg"]
    fake.stopped_robots.add(fake.secrets["access_token"])
    assert "bot.stopped" in post(http, fake).json()["errmsg"]
