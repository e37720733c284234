"""A refusal holds the chat or the robot, as the service says. After it orders go before announcements."""

import time
from collections.abc import Callable

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Refused, Scope
from shared.kit.outside.exchange import Reply
from tests.functions.outlets.announcing.test_queue import announce
from tests.simulators.chat.fake import FakeChat
from tests.simulators.faults import Fault
from tests.support.orders import open_store
from tests.support.outlets import CHAIN, Outlets

Move = Callable[[float], None]
BUSY = Fault("too_many", seconds=30)


@pytest.fixture
def stores(outlets: Outlets, store: str) -> list[str]:
    """Three outlets of one robot."""
    others = [open_store(outlets.orders) for _ in range(2)]
    for number, other in enumerate(others, start=2):
        outlets.add_outlet(other, ("bot", f"100{number}"))
    return [store, *others]


def health(outlets: Outlets) -> dict[str, object]:
    answer = outlets.api("GET", f"/v1/outlets/health{CHAIN}")
    [robot] = answer.json["robots"]
    return {"held": robot["chats_held"], "pauses": robot["robot"]["not_before"] is not None}


def test_one_busy_chat_holds_no_other_chat(
    outlets: Outlets, telegram: FakeChat, stores: list[str], moved_clock: Move
) -> None:
    telegram.fail([BUSY])
    outlets.place(stores[0])
    outlets.place(stores[1])
    outlets.look()
    assert [arrival.chat for arrival in telegram.arrivals] == ["1002"]
    assert health(outlets) == {"held": 1, "pauses": False}
    assert len(telegram.attempts) == 1
    moved_clock(31)
    outlets.look_until(lambda: len(telegram.arrivals) == 2)
    assert [arrival.chat for arrival in telegram.arrivals] == ["1002", "1001"]


def test_a_second_refused_chat_holds_the_robot(
    outlets: Outlets, telegram: FakeChat, stores: list[str], moved_clock: Move
) -> None:
    telegram.fail([BUSY, BUSY])
    for store in stores:
        outlets.place(store)
    outlets.look()
    assert telegram.arrivals == []
    assert health(outlets) == {"held": 2, "pauses": True}
    moved_clock(31)
    outlets.look_until(lambda: len(telegram.arrivals) == 3)
    assert sorted(arrival.chat for arrival in telegram.arrivals) == ["1001", "1002", "1003"]


def test_after_a_hold_orders_go_before_announcements(
    outlets: Outlets, telegram: FakeChat, stores: list[str], moved_clock: Move
) -> None:
    outlets.rules(quiet_from=None, quiet_until=None)
    telegram.fail([BUSY, BUSY])
    outlets.place(stores[0])
    outlets.place(stores[1])
    announce(outlets)
    outlets.look()
    outlets.place(stores[2])
    assert telegram.arrivals == []
    time.sleep(1.2)  # Telegram takes one message a second in a chat.
    moved_clock(31)
    outlets.look_until(lambda: len(telegram.arrivals) >= 4)
    texts = ["Order" if "Order" in arrival.text else "News" for arrival in telegram.arrivals]
    assert texts[:3] == ["Order"] * 3


@pytest.mark.parametrize(
    ("channel", "status", "body", "scope"),
    [
        ("telegram", 429, b'{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":3}}', None),
        ("slack", 429, b'{"ok":false,"error":"ratelimited"}', None),
        ("whatsapp", 400, b'{"error":{"code":131056,"message":"pair"}}', Scope.CHAT),
        ("whatsapp", 400, b'{"error":{"code":131049,"message":"not delivered"}}', Scope.CHAT),
        ("whatsapp", 400, b'{"error":{"code":131048,"message":"spam"}}', Scope.ROBOT),
        ("whatsapp", 400, b'{"error":{"code":130429,"message":"rate"}}', Scope.ROBOT),
        ("wecom_robot", 200, b'{"errcode":45009,"errmsg":"freq"}', Scope.ROBOT),
        ("line", 429, b'{"message":"The API rate limit has been exceeded. Try again later."}', Scope.ROBOT),
    ],
)
def test_a_channel_says_what_must_wait(channel: str, status: int, body: bytes, scope: Scope | None) -> None:
    outcome = CHANNELS[channel].outcome(Reply(status, {"retry-after": "3"}, body))
    assert isinstance(outcome, Refused)
    assert outcome.scope is scope
