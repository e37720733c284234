"""The first message of a notice goes in the run that writes the notice, and never before another order's turn."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from functions.outlets.sending import first
from shared.kit.outside import remote
from shared.spine.db import Transaction
from shared.spine.env import Environment
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.orders import an_order, open_store, paid
from tests.support.outlets import Outlets

Message = dict[str, Any]
# Answers of the database from the message about the order to the call, at most, without that of the commit: the outlet,
# earlier notices, the new one, its chat, the slot. Steps, message and announcement leave with others.
ANSWERS = 5
LINE_CHAT = "C" + "1" * 32


@pytest.fixture
def line(outlets: Outlets, store: str) -> Iterator[FakeChat]:
    with fake_chat("line") as fake:
        outlets.add_robot("line", fake)
        outlets.add_outlet(store, ("line", LINE_CHAT))
        yield fake


class Counted:
    """Statements of this process until a call leaves, and its messages that are not announced by then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements, self.at_calls, self.unsent_at_calls = 0, list[int](), list[int]()
        for name in ("execute", "execute_many", "rows"):
            self._count(monkeypatch, name)
        post = remote.post_from_outside

        def post_from_outside(env: Environment, calls: Any) -> Any:
            self.at_calls.append(self.statements)
            self.unsent_at_calls.append(env.outbox.unsent()[0])
            return post(env, calls)

        monkeypatch.setattr(first, "post_from_outside", post_from_outside)

    def _count(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        original = getattr(Transaction, name)

        def counted(transaction: Transaction, *arguments: Any) -> Any:
            self.statements += 1
            return original(transaction, *arguments)

        monkeypatch.setattr(Transaction, name, counted)


def message_of_an_order(outlets: Outlets, store: str) -> Message:
    """The message about an order. The order itself is taken before."""
    outlets.orders("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    [message] = [one for one in outlets.inbox.take() if one["type"] == "order.placed"]
    return message


def messages_of(outlets: Outlets) -> list[tuple[str, int]]:
    """(state, tries) of all messages, the oldest first."""
    with outlets.env.db.transaction() as transaction:
        rows = transaction.rows("SELECT state, attempts FROM outlet_messages ORDER BY message_id")
    return [(row["state"], row["attempts"]) for row in rows]


def test_few_statements_stand_between_an_order_and_its_call(
    outlets: Outlets, line: FakeChat, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlets.place(store)  # It makes the rows of the windows.
    placed = message_of_an_order(outlets, store)
    with monkeypatch.context() as patch:
        counted = Counted(patch)
        outlets.give(placed)
    assert len(line.arrivals) == 2
    [statements] = counted.at_calls
    assert statements <= ANSWERS
    outlets.give(placed)
    assert len(line.attempts) == 2


def test_the_notice_is_announced_after_the_call_and_in_its_order(
    outlets: Outlets, line: FakeChat, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = message_of_an_order(outlets, store)
    with monkeypatch.context() as patch:
        counted = Counted(patch)
        outlets.give(placed)
    assert (counted.unsent_at_calls, len(line.arrivals)) == ([1], 1)
    said = [one["data"]["state"] for one in outlets.inbox.take() if one["type"] == "outlet.notice_changed"]
    assert said == ["queued", "sent"]


def test_a_full_window_lets_the_first_message_wait(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.place(store)
    outlets.place(store)
    # Telegram takes one message a second in a chat, and the fake would refuse a second one.
    assert [attempt.outcome for attempt in telegram.attempts] == ["shown"]
    assert messages_of(outlets)[1][0] == "waiting"
    outlets.look_until(lambda: len(telegram.arrivals) == 2)
    assert [attempt.outcome for attempt in telegram.attempts] == ["shown", "shown"]


def test_an_order_whose_turn_has_come_goes_before_a_new_one(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    other = open_store(outlets.orders)
    outlets.add_outlet(other, ("bot", "1002"))
    outlets.place(store)
    outlets.place(store)
    time.sleep(1.2)  # The window of the chat is free again.
    outlets.place(other)
    # Both go in one round, and at the same time.
    assert sorted(arrival.chat for arrival in telegram.arrivals) == ["1001", "1001", "1002"]
