"""Failures of a service, each with what follows: again, the next chat, a person, or UNKNOWN."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import pytest

from functions.outlets.sending import recording
from functions.outlets.sending.outcomes import Decision
from functions.outlets.sending.storing import store_decisions
from shared.spine.outbox import Work
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.simulators.http_system import json_answer
from tests.support.outlets import CHAIN, Outlets

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


ROGUE_ANSWERS = {
    "code": {"ok": False, "error_code": "\u00e9" * 100, "description": "no"},
    "id": {"ok": True, "result": {"chat": {"id": "c" * 900}, "message_id": 1}},
    "moved": {"ok": False, "error_code": 400, "parameters": {"migrate_to_chat_id": "m" * 900}},
}


@pytest.mark.parametrize("answer", sorted(ROGUE_ANSWERS))
def test_a_reply_that_no_table_holds_loses_no_reply_of_another_robot(
    outlets: Outlets, telegram: FakeChat, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    draft = {"texts": {"en": "Closed tomorrow"}, "state": "paused"}
    announcement = outlets.api("POST", f"/v1/outlets/announcements{CHAIN}", draft).json["announcement"]
    with fake_chat("telegram") as rogue:
        monkeypatch.setattr(rogue, "respond", lambda _: json_answer(ROGUE_ANSWERS[answer]))
        outlets.add_robot("rogue", rogue)
        for robot in ("bot", "rogue"):
            trial = {"robot": robot, "address": "77"}
            target = f"/v1/outlets/announcements/{announcement}/tests{CHAIN}"
            assert outlets.api("POST", target, trial).status == 201
        outlets.look()
    with outlets.env.db.transaction() as transaction:
        rows = transaction.rows("SELECT robot_key, state FROM outlet_messages WHERE address = '77'", {})
    states = {row["robot_key"]: row["state"] for row in rows}
    assert states["demo:bot"] == "sent"
    assert states["demo:rogue"] != "sending"
    assert len(telegram.arrivals) == 1


def test_a_fault_in_storing_one_reply_stores_the_others(
    outlets: Outlets, telegram: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(work: Work, decisions: Sequence[Decision], token: int, now: datetime) -> None:
        if any(decision.message.address == "78" for decision in decisions):
            raise RuntimeError("a fault of ours")
        store_decisions(work, decisions, token, now)

    draft = {"texts": {"en": "Closed tomorrow"}, "state": "paused"}
    announcement = outlets.api("POST", f"/v1/outlets/announcements{CHAIN}", draft).json["announcement"]
    for address in ("77", "78"):
        trial = {"robot": "bot", "address": address}
        assert outlets.api("POST", f"/v1/outlets/announcements/{announcement}/tests{CHAIN}", trial).status == 201
    monkeypatch.setattr(recording, "store_decisions", breaks)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        outlets.look()
    with outlets.env.db.transaction() as transaction:
        rows = transaction.rows("SELECT address, state FROM outlet_messages WHERE address IN ('77', '78')", {})
    assert {row["address"]: row["state"] for row in rows} == {"77": "sent", "78": "sending"}
    assert len(telegram.arrivals) == 2
