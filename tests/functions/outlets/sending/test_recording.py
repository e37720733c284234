"""A known reply is stored, whatever other workers lock, and a message whose chat has died goes to the next chat."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from functions.outlets.sending import recording
from functions.outlets.tables.slots import update_slots_stamped
from shared.spine.db import Locked
from stack.mariadb import MariaDB
from tests.functions.outlets.sending.test_doubt import WITHOUT_STEPS, Killed, free_slots, kill_after_the_call
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.orders import open_store
from tests.support.outlets import Outlets

Move = Callable[[float], None]
# A statement waits for two seconds.
LOCKED_SECONDS = 6.0
LOCK_NOTICES = "SELECT notice_id FROM outlet_notices WHERE store_id = %s FOR UPDATE"
LOCK_SLOTS = "SELECT slot_key FROM outlet_slots WHERE slot_key LIKE %s FOR UPDATE"


@contextmanager
def locked(database: MariaDB, statement: str, value: str) -> Iterator[None]:
    """Rows that another worker has locked."""
    with database.owner.connect() as connection, connection.cursor() as cursor:
        assert cursor.execute(statement, (value,))
        yield
        connection.rollback()


def states(outlets: Outlets) -> dict[str, str]:
    """The state of each chat's last message."""
    with outlets.env.db.transaction() as transaction:
        rows = transaction.rows("SELECT address, state FROM outlet_messages ORDER BY message_id")
    return {row["address"]: row["state"] for row in rows}


@pytest.fixture
def two_orders(outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move) -> str:
    """An order waits in each of the chats 1001 and 1002. Returns the second store."""
    outlets.rules(**WITHOUT_STEPS)
    other = open_store(outlets.orders)
    outlets.add_outlet(other, ("bot", "1002"))
    telegram.fail(["unavailable"] * 2)
    outlets.place(store)
    outlets.place(other)
    moved_clock(10)
    free_slots(outlets)
    assert states(outlets) == {"1001": "waiting", "1002": "waiting"}
    return other


def test_a_lock_on_one_notice_loses_the_reply_of_no_other(
    outlets: Outlets, two_orders: str, database: MariaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "STORE_SECONDS", 1.0)
    with locked(database, LOCK_NOTICES, f"demo:{two_orders}"), pytest.raises(Locked):
        outlets.look()
    assert states(outlets) == {"1001": "sent", "1002": "sending"}


def test_a_reply_waits_longer_for_a_lock_than_any_worker_holds_one(
    outlets: Outlets, telegram: FakeChat, two_orders: str, database: MariaDB
) -> None:
    before = len(telegram.attempts)
    began = threading.Event()

    def hold() -> None:
        with locked(database, LOCK_NOTICES, f"demo:{two_orders}"):
            began.set()
            time.sleep(LOCKED_SECONDS)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        assert began.wait(60)
        outlets.look()
        held.result()
    assert states(outlets) == {"1001": "sent", "1002": "sent"}
    outlets.look()
    assert len(telegram.attempts) == before + 2


@pytest.mark.usefixtures("two_orders")
def test_a_locked_window_loses_no_reply(outlets: Outlets, database: MariaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = update_slots_stamped

    def stamp_late(*arguments: object) -> None:
        monkeypatch.setattr(recording, "update_slots_stamped", stamp)
        with locked(database, LOCK_SLOTS, "demo:bot|%"):
            stamp(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "update_slots_stamped", stamp_late)
    outlets.look()
    assert states(outlets) == {"1001": "sent", "1002": "sent"}
    with outlets.env.db.transaction() as transaction:
        [row] = transaction.rows("SELECT COUNT(*) AS slots FROM outlet_slots WHERE used_at > SYSDATE(6)")
    assert row["slots"] == 0, "the slots count from the answer"


def test_a_message_in_doubt_is_not_wasted_on_a_chat_that_has_died(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.rules(**WITHOUT_STEPS)
    with fake_chat("telegram") as second:
        outlets.add_robot("second", second)
        outlets.add_outlet(store, ("bot", "1001"), ("second", "2001"))
        telegram.dead_chats.add("1001")
        with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
            kill_after_the_call(patch)
            outlets.place(store)
        free_slots(outlets)
        outlets.place(store)
        assert len(telegram.attempts) == 2, "the second order has found that the chat is dead"
        moved_clock(46)
        for _ in range(4):
            free_slots(outlets)
            outlets.look()
            time.sleep(1.1)  # Telegram takes one message a second in a chat.
        assert len(telegram.attempts) == 2
        texts = [arrival.text for arrival in second.arrivals]
    assert sum("again" in text.lower() for text in texts) == 1
    assert len(texts) == 3, "two orders, and the word that the chat has died"
