"""An answer and a due step at the same moment: no step is made and nothing is sent after the answer.

`DRILL_RACES=10000 DRILL_STEPS=1000` makes it long.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from functions.outlets.escalation.steps import make_due_steps
from functions.outlets.notices.answering import PAGE, Answer, answer
from functions.outlets.send_due_notices import send_due_notices
from functions.outlets.sending.sender import send_round
from functions.outlets.states import NoticeState
from functions.outlets.tables.notices import lock_notice
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.chat.fake import FakeChat
from tests.support.drill_figures import note_figure
from tests.support.outlets import Outlets

RACES = int(os.environ.get("DRILL_RACES", "40"))
STEPS = int(os.environ.get("DRILL_STEPS", "40"))
SPREAD_SECONDS = int(os.environ.get("DRILL_SPREAD", "4"))
MOST_LATE = 2.0
# `make test` runs beside other work, so that its clock judges nothing.
IS_LONG = "DRILL_STEPS" in os.environ
BEGIN_AGAIN = (
    "DELETE FROM outlet_messages",
    "DELETE FROM outlet_slots",
    "UPDATE outlet_notices SET state = 'sent', evidence = NULL, ended_at = NULL, ready_minutes = NULL",
    "UPDATE outlet_steps SET state = 'due', due_at = SYSDATE(6) - INTERVAL 1 SECOND, done_at = NULL WHERE step = 1",
    "DELETE FROM outlet_steps WHERE step > 1",
)
COPY_NOTICE = """
    INSERT INTO outlet_notices (notice_id, chain_id, store_id, order_id, version, state, language, document, created_at,
        limit_at, sequence)
    SELECT CONCAT(LEFT(notice_id, 20), LPAD(%(number)s, 6, '0')), chain_id, store_id,
        CONCAT(LEFT(order_id, 20), LPAD(%(number)s, 6, '0')), version, 'sent', language, document, created_at, limit_at,
        sequence FROM outlet_notices WHERE notice_id = %(notice)s"""
# The clock of the database and that of the functions are one on this machine.
COPY_STEP = """
    INSERT INTO outlet_steps (notice_id, step, action, due_at, state)
    SELECT CONCAT(LEFT(notice_id, 20), LPAD(%(number)s, 6, '0')), step, action,
        UTC_TIMESTAMP(6) + INTERVAL %(after)s MICROSECOND, 'due' FROM outlet_steps
    WHERE notice_id = %(notice)s AND step = 1"""
MADE = """
    SELECT TIMESTAMPDIFF(MICROSECOND, due_at, done_at) / 1000000, due_at, done_at FROM outlet_steps
    WHERE state = 'done' AND notice_id <> %(notice)s"""
TWICE = "SELECT source_id, step FROM outlet_messages GROUP BY source_id, step HAVING COUNT(*) > 1"


def execute(database: MariaDB, *statements: str) -> list[tuple[object, ...]]:
    """Run statements; the rows of the last one."""
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall())


def test_nothing_follows_an_answer(
    outlets: Outlets,
    store: str,
    telegram: FakeChat,
    database: MariaDB,
    another_env: Callable[..., Environment],
) -> None:
    telegram.enforce = False
    outlets.place(store)
    [notice] = outlets.notices()
    # Without a topic: the messages of 10,000 races are not published.
    timer, page = (another_env(stage="local", events_topic="") for _ in range(2))
    chance = random.Random(RACES)
    together = threading.Barrier(2)
    answered_at = [0.0]

    def confirm(delay: float) -> None:
        together.wait()
        time.sleep(delay)
        with page.outbox.work("outlets") as work:
            locked = lock_notice(work, notice["notice"])
            assert locked
            answer(work, locked, Answer(NoticeState.CONFIRMED, PAGE, ready_minutes=10), page.clock())
        answered_at[0] = time.monotonic()

    def escalate() -> float:
        together.wait()
        began = time.monotonic()
        make_due_steps(timer)
        send_round(timer)
        return time.monotonic() - began

    sent = during = 0
    took = 0.03  # the answer comes at any moment of the work of a step
    # This thread sends, because a thread that ends would leave its client open.
    with ThreadPoolExecutor(1) as pool:
        for number in range(RACES):
            # Half of the steps meet a service that is busy: their message waits for another try.
            telegram.fail(["too_many"] if number % 2 else [])
            before = len(telegram.attempts)
            execute(database, *BEGIN_AGAIN)
            confirmed = pool.submit(confirm, chance.uniform(0, 1.2 * took))
            took = escalate()
            confirmed.result()
            calls = telegram.attempts[before:]
            assert len(calls) <= 1
            sent += len(calls)
            during += sum(call.at > answered_at[0] for call in calls)
            waiting = execute(database, "SELECT message_id FROM outlet_messages WHERE state IN ('waiting', 'sending')")
            due = execute(database, "SELECT step FROM outlet_steps WHERE state = 'due'")
            assert (waiting, due) == ([], [])
    assert sent, "the answer was first in each race: no race took place"
    note_figure("races.races", RACES, "races", note=f"the step was first in {sent}, {during} calls were under way")
    note_figure("races.after_the_answer", 0, "messages", "= 0")


def test_steps_are_made_within_two_seconds_of_their_time(
    outlets: Outlets,
    store: str,
    telegram: FakeChat,
    database: MariaDB,
    another_env: Callable[..., Environment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    telegram.enforce = False
    outlets.place(store)
    [notice] = outlets.notices()
    chance = random.Random(STEPS)
    rows = [
        {
            "number": number,
            "notice": notice["notice"],
            "after": 1_500_000 + chance.randrange(SPREAD_SECONDS * 1_000_000),
        }
        for number in range(STEPS)
    ]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(COPY_NOTICE, rows)
        cursor.executemany(COPY_STEP, rows)
    timer, looks = another_env(stage="local"), list[datetime]()

    def look(env: Environment) -> int:
        looks.append(env.clock())
        return make_due_steps(env)

    monkeypatch.setattr("functions.outlets.send_due_notices.make_due_steps", look)
    while done(database) < STEPS:
        send_due_notices(timer, timer.clock() + timedelta(seconds=1))
    made = execute(database, MADE % {"notice": f"'{notice['notice']}'"})
    late = [float(str(seconds)) for seconds, _, _ in made]
    assert len(late) == STEPS
    assert min(late) >= 0
    # On a busy machine a look comes late. The first one that begins after the time of a step must make it.
    assert [due for _, due, at in made if sum(utc(due) < began <= utc(at) for began in looks) > 1] == []
    assert max(late) <= MOST_LATE or not IS_LONG
    assert execute(database, TWICE) == []
    note_figure("steps.made", STEPS, "steps", note=f"over {SPREAD_SECONDS} s")
    note_figure("steps.latest", round(max(late), 3), "s", f"≤ {MOST_LATE:g}", "after its time")


def utc(moment: object) -> datetime:
    """A time of the database."""
    assert isinstance(moment, datetime)
    return moment.replace(tzinfo=UTC)


def done(database: MariaDB) -> int:
    [(count,)] = execute(database, "SELECT COUNT(*) FROM outlet_steps WHERE state = 'done' AND step = 1")
    return int(str(count))
