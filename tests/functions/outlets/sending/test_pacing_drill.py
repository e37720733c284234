"""Workers are killed, and some clocks are wrong: by the fake's log no window has too many messages, and none is lost.

`DRILL_SEEDS=20 DRILL_WORKERS=16` makes it long. A worker holds its slots by a lease of 20 s here, and renews it just
before the calls. A machine that stops a worker for longer during a call breaks a window.
"""

import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import pytest

from stack.mariadb import MariaDB
from tests.simulators.chat.arrivals import Arrival
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.simulators.chat.windows import most_in_a_window
from tests.simulators.faults import Seeded
from tests.support.drill_figures import note_figure
from tests.support.outlets import Outlets
from tests.support.sending_workers import Workers, sending_workers
from tests.support.waiting import wait_until

SEEDS = range(1, 1 + int(os.environ.get("DRILL_SEEDS", "1")))
WORKERS = int(os.environ.get("DRILL_WORKERS", "4"))
# A window of a real service is a minute; the drill has no time for that.
COUNT, SECONDS = 20, 2.0
MESSAGES = 100
BROKEN = os.environ.get("DRILL_BROKEN", "").split()  # --unstamped shows that the drill can fail
KILLS = 8
# Each message is another one: the text of a chat message alone does not tell them apart, its address does.
COPY_MESSAGES = """
    INSERT INTO outlet_messages (message_id, chain_id, store_id, kind, source_id, step, place, robot_key, address,
        language, card, priority, state, due_at, again)
    SELECT CONCAT(LEFT(message_id, 22), LPAD(%(number)s, 4, '0')), chain_id, store_id, kind, source_id, step,
        %(number)s, robot_key, CONCAT('chat', %(number)s), language, card, priority, 'waiting', SYSDATE(6), 0
    FROM outlet_messages WHERE place = 0 LIMIT 1"""
COUNT_STATES = "SELECT state, COUNT(*) FROM outlet_messages WHERE place > 0 GROUP BY state"


@pytest.fixture
def service() -> Iterator[FakeChat]:
    """A service that only logs: the log is the judge. Some answers are lost or late."""
    with fake_chat("telegram", enforce=False) as fake:
        yield fake


@pytest.mark.parametrize("seed", SEEDS)
def test_no_window_has_too_many_messages_with_a_wrong_clock_spring_cloud_gateway_2412(
    seed: int,
    outlets: Outlets,
    store: str,
    service: FakeChat,
    database: MariaDB,
    function_environment: dict[str, str],
) -> None:
    chance = random.Random(seed)
    outlets.add_robot("drill", service)
    outlets.add_outlet(store, ("drill", "chat0"))
    outlets.place(store)
    fill(database)
    service.fail(Seeded(seed, 0.1, ("lost", "slow", "cut_before"), seconds=0.3))
    options = ("--workers", str(WORKERS), "--count", str(COUNT), "--seconds", str(SECONDS), *BROKEN)
    with sending_workers(function_environment | {"STAGE": "local"}, *options) as workers:
        kill_some(workers, chance)
        wait_until(lambda: settled(database), pause=0.5)
    times = [arrival.at for arrival in service.attempts]
    assert most_in_a_window(times, SECONDS) <= COUNT
    assert len({arrival.chat for arrival in service.attempts} - {"chat0"}) == MESSAGES
    assert repeats_without_a_mark(service.attempts) == []
    note_figure(f"pacing.seed_{seed}", most_in_a_window(times, SECONDS), "in a window", f"≤ {COUNT}")


def fill(database: MariaDB) -> None:
    """One message for each of many chats, all due now."""
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(COPY_MESSAGES, [{"number": number} for number in range(1, MESSAGES + 1)])


def kill_some(workers: Workers, chance: random.Random) -> None:
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 1.0))
        workers.kill_one(chance)


def settled(database: MariaDB) -> bool:
    """Whether no message waits or is being sent."""
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(COUNT_STATES)
        states = dict(cursor.fetchall())
    return not states.keys() & {"waiting", "sending"}


def repeats_without_a_mark(attempts: list[Arrival]) -> list[Arrival]:
    """Arrivals in a chat that had the message before, and do not say so."""
    by_chat: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in attempts:
        by_chat[arrival.chat].append(arrival)
    return [later for arrivals in by_chat.values() for _, later in pairwise(arrivals) if not later.again]
