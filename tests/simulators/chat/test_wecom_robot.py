"""The fake WeCom robot decides by its body, always with HTTP 200, and shuts out a robot that was too fast."""

from collections.abc import Iterator

import httpx
import pytest

from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat


@pytest.fixture
def fake() -> Iterator[FakeChat]:
    with fake_chat("wecom_robot") as service:
        yield service


def post(fake: FakeChat, body: object, key: str = "") -> int:
    """The errcode of a message; the status is always 200."""
    url = f"{fake.url}/cgi-bin/webhook/send"
    reply = httpx.post(url, params={"key": key or fake.secrets["key"]}, json=body, trust_env=False)
    assert reply.status_code == 200
    return int(reply.json()["errcode"])


def text(content: str) -> dict[str, object]:
    return {"msgtype": "text", "text": {"content": content}}


def test_texts_markdown_and_cards(fake: FakeChat) -> None:
    card = {
        "card_type": "text_notice",
        "main_title": {"title": "Order 12", "desc": "18:30"},
        "card_action": {"type": 1, "url": "https://example.com/c/1"},
    }
    bodies = [
        text("订单 12"),
        {"msgtype": "markdown", "markdown": {"content": "[Open](https://example.com/c/2)"}},
        {"msgtype": "template_card", "template_card": card},
    ]
    assert [post(fake, body) for body in bodies] == [0, 0, 0]
    assert [arrival.text for arrival in fake.arrivals][::2] == ["订单 12", "Order 12\n18:30"]
    assert [arrival.links for arrival in fake.arrivals] == [
        [],
        ["https://example.com/c/2"],
        ["https://example.com/c/1"],
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (text(""), 44004),
        (text("字" * 683), 45002),
        ({"msgtype": "poem", "poem": {}}, 40008),
        ({"msgtype": "text"}, 40058),
    ],
)
def test_content_is_refused(fake: FakeChat, body: dict[str, object], code: int) -> None:
    assert post(fake, body) == code


def test_text_of_2048_bytes_passes(fake: FakeChat) -> None:
    assert post(fake, text("字" * 682 + "ab")) == 0


def test_twenty_first_message_of_a_minute_is_refused_and_another_robot_is_not(fake: FakeChat) -> None:
    assert [post(fake, text(str(number))) for number in range(21)] == [0] * 20 + [45009]
    assert post(fake, text("other"), fake.robot(2)[1]["key"]) == 0
    assert len([arrival for arrival in fake.attempts if arrival.outcome == "later"]) == 1


def test_dead_robot_and_wrong_key(fake: FakeChat) -> None:
    fake.dead_chats.add(fake.secrets["key"])
    assert post(fake, text("a")) == 93000
    assert post(fake, text("a"), "unknown") == 93000
