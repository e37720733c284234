"""Slots of many chats at once, and the number of statements that they take."""

import pytest

from functions.outlets.sending.chat_windows import Wanted, take_chat_slots
from functions.outlets.sending.windows import Pace
from functions.outlets.tables.slots import update_slots_stamped
from shared.spine.db import Transaction
from shared.spine.env import Environment

CHATS = 30
MINUTE = 60_000_000


def second(chat: int) -> Pace:
    return Pace(f"demo:bot|chat1|{chat}", 1, 1, 1_000_000)


def minute(chat: int) -> Pace:
    return Pace(f"demo:bot|chat60|{chat}", 3, 3, MINUTE)


def used(env: Environment, key: str) -> int:
    with env.db.statements() as statements:
        [row] = statements.rows(
            "SELECT COUNT(*) AS slots FROM outlet_slots WHERE slot_key = %s AND used_at > '2000-01-02'", (key,)
        )
    return int(row["slots"])


def test_statements_do_not_grow_with_the_chats(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    with env.db.statements() as statements:  # The first messages make the windows.
        assert take_chat_slots(statements, [Wanted([minute(chat)]) for chat in range(CHATS)], 1) == CHATS
    counted: list[str] = []
    send = Transaction._result

    def count(transaction: Transaction, text: str) -> object:
        counted.append(text)
        return send(transaction, text)

    monkeypatch.setattr(Transaction, "_result", count)
    with env.db.statements() as statements:
        assert take_chat_slots(statements, [Wanted([minute(chat)]) for chat in range(CHATS)], 2) == CHATS
    assert len(counted) == 2


def test_two_messages_of_a_chat_have_two_slots_and_a_full_window_gives_none(env: Environment) -> None:
    wanted = [Wanted([minute(1)]) for _ in range(5)] + [Wanted([minute(2)])]
    with env.db.statements() as statements:
        assert take_chat_slots(statements, wanted, 1) == 4
    assert [bool(one.wait) for one in wanted] == [False, False, False, True, True, False]
    with env.db.statements() as statements:
        late = Wanted([minute(1)])
        assert take_chat_slots(statements, [late], 2) == 0
        update_slots_stamped(statements, [minute(1).key], 1)
        known = Wanted([minute(1)])
        take_chat_slots(statements, [known], 2)
    assert late.wait > 0
    assert 55 < known.wait <= 60, "a slot counts from its answer"


def test_a_slot_that_another_window_does_not_match_goes_back(env: Environment) -> None:
    both = [Wanted([second(1), minute(1)]) for _ in range(2)]
    with env.db.statements() as statements:
        assert take_chat_slots(statements, both, 1) == 2
    assert [bool(one.wait) for one in both] == [False, True]
    assert (used(env, second(1).key), used(env, minute(1).key)) == (1, 1)


def test_a_slot_that_another_worker_took_first_is_not_given_twice(
    env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = Transaction.rows
    other = [Wanted([minute(1)])]

    def rows_and_another(transaction: Transaction, statement: str, values: object = ()) -> object:
        found = rows(transaction, statement, values)  # type: ignore[arg-type]
        if "ROW_NUMBER" in statement and not other[0].slots:
            monkeypatch.setattr(Transaction, "rows", rows)
            take_chat_slots(transaction, other, 2)
        return found

    with env.db.statements() as statements:
        take_chat_slots(statements, [Wanted([Pace(minute(1).key, 3, 1, MINUTE)])], 3)
        statements.execute("UPDATE outlet_slots SET used_at = '2000-01-01', claim_token = 0")
        monkeypatch.setattr(Transaction, "rows", rows_and_another)
        mine = Wanted([minute(1)])
        take_chat_slots(statements, [mine], 1)
    assert (len(other[0].slots), mine.slots) == (1, [])
    assert mine.wait > 0
    assert used(env, minute(1).key) == 1
