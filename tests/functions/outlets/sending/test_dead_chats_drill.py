"""Many dead chats at once: each order reaches the next chat of its outlet, and few messages are wasted.

`DRILL_CHATS=500` makes it long.
"""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from functions.outlets.states import ChatState
from stack.mariadb import MariaDB
from tests.simulators.chat.arrivals import Arrival
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.drill_figures import note_figure
from tests.support.outlets import Outlets
from tests.support.sending_workers import sending_workers
from tests.support.waiting import wait_until

CHATS = int(os.environ.get("DRILL_CHATS", "20"))
WORKERS = int(os.environ.get("DRILL_WORKERS", "3"))
ORDERS_EACH = 3
ROBOTS = 10
MOST_SECONDS, MOST_WASTED = 60.0, 3
STORE = "CONCAT('demo:drill', %(number)s)"
COPY_OUTLET = f"""
    INSERT INTO outlets (store_id, chain_id, settings, enabled, revision)
    SELECT {STORE}, chain_id, settings, 1, 1 FROM outlets WHERE store_id = %(store)s"""
ADD_CHAT = f"""
    INSERT INTO outlet_chats (store_id, place, robot_key, address, state)
    VALUES ({STORE}, %(place)s, %(robot)s, %(address)s, 'alive')"""
COPY_NOTICE = f"""
    INSERT INTO outlet_notices (notice_id, chain_id, store_id, order_id, version, state, language, document, created_at,
        limit_at, sequence)
    SELECT CONCAT(LEFT(notice_id, 20), LPAD(%(id)s, 6, '0')), chain_id, {STORE},
        CONCAT(LEFT(order_id, 20), LPAD(%(id)s, 6, '0')), version, 'queued', language, document, created_at, limit_at,
        sequence FROM outlet_notices WHERE store_id = %(store)s LIMIT 1"""
ADD_MESSAGE = f"""
    INSERT INTO outlet_messages (message_id, chain_id, store_id, kind, source_id, step, place, robot_key, address,
        language, priority, state, due_at, again)
    SELECT CONCAT(LEFT(message_id, 20), LPAD(%(id)s, 6, '0')), chain_id, {STORE}, kind,
        CONCAT(LEFT(source_id, 20), LPAD(%(id)s, 6, '0')), step, 0, %(robot)s, %(address)s, language, priority,
        'waiting', due_at, 0
    FROM outlet_messages WHERE store_id = %(store)s LIMIT 1"""
CHAT_STATES = "SELECT state, COUNT(*) FROM outlet_chats WHERE place = 0 AND store_id LIKE 'demo:drill%' GROUP BY state"


@pytest.fixture
def service() -> Iterator[FakeChat]:
    with fake_chat("telegram", enforce=False) as fake:
        yield fake


def test_orders_of_dead_chats_reach_the_next_chat(
    outlets: Outlets,
    store: str,
    service: FakeChat,
    database: MariaDB,
    function_environment: dict[str, str],
) -> None:
    fill(outlets, store, service, database)
    service.dead_chats |= {old_chat(number) for number in range(CHATS)}
    began = time.monotonic()
    with sending_workers(function_environment | {"STAGE": "local"}, *windows()):
        wait_until(lambda: len(living(service)) >= CHATS * (ORDERS_EACH + 1), pause=0.2)
    took = max(arrival.at for arrival in living(service)) - began
    wasted = Counter(arrival.chat for arrival in service.attempts if arrival.chat in service.dead_chats)
    assert set(wasted) == service.dead_chats
    assert max(wasted.values()) <= MOST_WASTED
    assert took <= MOST_SECONDS
    # Each outlet is told once that its old chat is dead.
    assert {chat: len(found) for chat, found in by_chat(living(service)).items()} == {
        new_chat(number): ORDERS_EACH + 1 for number in range(CHATS)
    }
    assert chat_states(database) == {"dead": CHATS}
    note_figure("dead_chats.failed_over", CHATS, "chats", note=f"{ORDERS_EACH} orders each")
    note_figure("dead_chats.seconds", round(took, 1), "s", f"≤ {MOST_SECONDS:g}")
    note_figure("dead_chats.wasted", max(wasted.values()), "messages", f"≤ {MOST_WASTED}", "the most of a chat")


def test_chats_of_a_banned_robot_stay_alive(
    outlets: Outlets,
    store: str,
    service: FakeChat,
    database: MariaDB,
    function_environment: dict[str, str],
) -> None:
    fill(outlets, store, service, database)
    service.fail(["too_many"] * CHATS)
    with sending_workers(function_environment | {"STAGE": "local"}, *windows()):
        wait_until(lambda: len({arrival.chat for arrival in living(service)}) == CHATS, pause=0.2)
    assert chat_states(database) == {ChatState.ALIVE.value: CHATS}
    assert all(arrival.chat.startswith("old") for arrival in living(service))
    note_figure("dead_chats.false_deaths", 0, "chats", "= 0", f"{CHATS} refusals of a busy service")


def windows() -> tuple[str, ...]:
    return ("--workers", str(WORKERS), "--count", "30", "--seconds", "1", "--no-wrong-clocks")


def fill(outlets: Outlets, store: str, service: FakeChat, database: MariaDB) -> None:
    """Outlets with two chats by two robots, and orders that wait for the first."""
    for number in range(ROBOTS):
        outlets.add_robot(f"drill-{number}", service, number + 10)
    outlets.place(store)
    outlet = f"demo:{store}"
    rows = [{"number": number, "store": outlet} for number in range(CHATS)]
    first = [row | {"place": 0, "robot": robot(number), "address": old_chat(number)} for number, row in enumerate(rows)]
    second = [row | {"place": 1, "robot": robot(at + 1), "address": new_chat(at)} for at, row in enumerate(rows)]
    orders = [
        row | {"id": ORDERS_EACH * number + order, "robot": robot(number), "address": old_chat(number)}
        for number, row in enumerate(rows)
        for order in range(ORDERS_EACH)
    ]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(COPY_OUTLET, rows)
        cursor.executemany(ADD_CHAT, first + second)
        cursor.executemany(COPY_NOTICE, orders)
        cursor.executemany(ADD_MESSAGE, orders)


def robot(number: int) -> str:
    return f"demo:drill-{number % ROBOTS}"


def old_chat(number: int) -> str:
    return f"old{number}"


def new_chat(number: int) -> str:
    return f"new{number}"


def living(service: FakeChat) -> list[Arrival]:
    """Messages that the chats of the drill have shown."""
    return [arrival for arrival in service.arrivals if arrival.chat.startswith(("old", "new"))]


def by_chat(arrivals: list[Arrival]) -> dict[str, list[Arrival]]:
    found: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        found[arrival.chat].append(arrival)
    return found


def chat_states(database: MariaDB) -> dict[str, int]:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(CHAT_STATES)
        return dict(cursor.fetchall())
