"""Failures of a service, each with what follows: again, the next chat, a person, or UNKNOWN."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.outlets import Outlets

Move = Callable[[float], None]


@pytest.fixture
def wecom() -> Iterator[FakeChat]:
    with fake_chat("wecom_robot") as fake:
        yield fake


@pytest.fixture
def two_chats(outlets: Outlets, wecom: FakeChat, store: str) -> Outlets:
    """A WeCom group first, and the Telegram chat after it."""
    outlets.add_robot("group", wecom)
    outlets.add_outlet(store, ("group", "owner"), ("bot", "1001"))
    return outlets


@pytest.mark.parametrize("fault", ["lost", "html", "truncated"])
def test_a_lost_reply_sends_an_order_again_and_says_so(
    two_chats: Outlets, wecom: FakeChat, store: str, moved_clock: Move, fault: str
) -> None:
    wecom.fail([fault])
    two_chats.place(store)
    [notice] = two_chats.notices()
    assert notice["state"] == "unknown"
    moved_clock(10)
    two_chats.look()
    assert [notice["state"] for notice in two_chats.notices()] == ["sent"]
    assert wecom.arrivals[-1].again


def test_a_dead_chat_fails_over_at_once_and_stays_dead(
    two_chats: Outlets, wecom: FakeChat, telegram: FakeChat, store: str
) -> None:
    wecom.fail(["dead"])
    two_chats.place(store)
    two_chats.look()
    assert len(telegram.arrivals) == 1
    listed = two_chats.api("GET", f"/v1/outlets/stores/{store}?chain=demo").json
    assert [chat["state"] for chat in listed["chats"]] == ["dead", "alive"]
    time.sleep(1.2)
    two_chats.place(store)
    two_chats.look()
    assert (len(telegram.arrivals), wecom.arrivals) == (2, [])


def test_a_robot_without_rights_fails_over_and_is_announced_once(
    two_chats: Outlets, wecom: FakeChat, telegram: FakeChat, store: str
) -> None:
    two_chats.add_outlet(store, ("bot", "1001"), ("group", "owner"))
    telegram.fail(["rights", "rights"])
    for count in (1, 2):
        two_chats.place(store)
        two_chats.look()
        assert len(wecom.arrivals) == count
        time.sleep(1.2)  # Telegram takes one message a second in a chat.
    robot = two_chats.api("GET", "/v1/outlets/robots/bot?chain=demo").json
    assert robot["state"] == "failing"
    types = [message["type"] for message in [*two_chats.seen, *two_chats.carry()]]
    assert types.count("outlet.robot_failing") == 1


def test_refused_content_goes_to_the_next_chat(
    two_chats: Outlets, wecom: FakeChat, telegram: FakeChat, store: str
) -> None:
    wecom.fail(["content"])
    two_chats.place(store)
    two_chats.look()
    assert len(telegram.arrivals) == 1


def test_a_service_that_asks_to_wait_is_obeyed_and_no_chat_dies(
    two_chats: Outlets, wecom: FakeChat, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    wecom.fail(["too_many"])
    two_chats.place(store)
    two_chats.look()
    assert (wecom.arrivals, telegram.arrivals) == ([], [])
    moved_clock(61)
    two_chats.look()
    assert len(wecom.arrivals) == 1
    listed = two_chats.api("GET", f"/v1/outlets/stores/{store}?chain=demo").json
    assert [chat["state"] for chat in listed["chats"]] == ["alive", "alive"]
