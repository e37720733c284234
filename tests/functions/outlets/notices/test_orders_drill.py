"""Workers are killed while orders come: each order is confirmed, escalated, or unknown and shown, and none is doubled.

`DRILL_ORDERS=1000 DRILL_SEEDS=20` makes it long. The messages about orders are copies of a real one.
"""

import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.outlets.notices.links import read_token
from shared.contracts.ids import new_id
from shared.spine.clock import utc_now
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.simulators.chat.arrivals import Arrival
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.simulators.faults import Seeded
from tests.support.drill_figures import note_figure
from tests.support.orders import an_order, paid
from tests.support.outlets import Outlets, path_of, submit
from tests.support.sending_workers import Workers, sending_workers
from tests.support.waiting import on_this_machine

ORDERS = int(os.environ.get("DRILL_ORDERS", "30"))
SEEDS = range(1, 1 + int(os.environ.get("DRILL_SEEDS", "1")))
WORKERS = int(os.environ.get("DRILL_WORKERS", "4"))
# An order and its steps, in seconds: a real outlet has minutes.
STEPS = {"again_seconds": 8, "call_seconds": 10, "second_seconds": 12, "head_office_seconds": 14}
KILL_EVERY = 0.7
PRESSED_SHARE = 0.8
FAULTS = ("lost", "slow", "cut_before", "too_many", "html", "half", "unavailable")
VISIBLE_AGAIN = "5"
# A call that began before the answer may arrive after it; a repeated one would come later than this.
CALL_SECONDS = 2.0
OPEN_WORK = """
    SELECT (SELECT COUNT(*) FROM outlet_notices), (SELECT COUNT(*) FROM outlet_messages WHERE state IN
        ('waiting', 'sending')), (SELECT COUNT(*) FROM outlet_steps WHERE state = 'due')"""
NOTICES = """
    SELECT n.notice_id, n.state, n.ended_at, (SELECT COUNT(*) FROM outlet_steps s WHERE s.notice_id = n.notice_id
        AND s.state <> 'done') FROM outlet_notices n"""
TELLINGS = "SELECT source_id, address, COUNT(*) FROM outlet_messages GROUP BY source_id, address"


@dataclass
class Owner:
    """The owner of the outlet: presses a link at once, or never looks. The seed decides by order."""

    outlets: Outlets
    fake: FakeChat
    chance: random.Random
    seen: int = 0
    notice_of: dict[int, str] = field(default_factory=dict)
    decided: dict[str, bool] = field(default_factory=dict)

    def look(self) -> None:
        """Look at what has come since the last look."""
        arrivals = self.fake.arrivals[self.seen :]
        self.seen += len(arrivals)
        for arrival in arrivals:
            link = arrival.links[0]
            notice = read_token(self.outlets.env.keyring(), link.rpartition("/")[2], utc_now()).notice
            self.notice_of[arrival.number] = notice
            if self.decided.setdefault(notice, self.chance.random() < PRESSED_SHARE):
                submit(path_of(link), ready="20")


@pytest.fixture(params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture
def fake(seed: int) -> Iterator[FakeChat]:
    """A channel with a key of its own against doubles in odd seeds, and one without in even ones."""
    with fake_chat(("telegram", "line")[seed % 2], enforce=False) as service:
        yield service


def test_each_order_ends_and_none_is_doubled(
    seed: int,
    fake: FakeChat,
    outlets: Outlets,
    store: str,
    database: MariaDB,
    emulator: Emulator,
    function_environment: dict[str, str],
) -> None:
    set_up(outlets, store, fake)
    owner = Owner(outlets, fake, random.Random(seed))
    queue = emulator.client("sqs").create_queue(
        QueueName=f"drill-{seed}-{os.getpid()}", Attributes={"VisibilityTimeout": VISIBLE_AGAIN}
    )["QueueUrl"]
    send_orders(outlets, store, emulator, queue)
    fake.fail(Seeded(seed, 0.15, FAULTS, seconds=0.3))
    options = ("--workers", str(WORKERS), "--count", "400", "--seconds", "1", "--no-wrong-clocks", "--queue", queue)
    with sending_workers(function_environment | {"STAGE": "local"}, *options) as workers:
        kills = drive(workers, owner, database)
    judge(owner, database, seed, kills)


def set_up(outlets: Outlets, store: str, fake: FakeChat) -> None:
    """Two chats by two robots, and a person of each role in a third."""
    outlets.rules(**STEPS)
    for number in (1, 2, 3):
        outlets.add_robot(f"drill-{number}", fake, number)
    outlets.add_outlet(store, ("drill-1", chat(1)), ("drill-2", chat(2)))
    for number, role in enumerate(("call", "second", "head_office"), start=3):
        outlets.add_person(role, "drill-3", chat(number))


def chat(number: int) -> str:
    """The name of a chat, as LINE writes them."""
    return f"C{number:032}"


def send_orders(outlets: Outlets, store: str, emulator: Emulator, queue: str) -> None:
    """A real order's message, with other ids, so many times. Some come twice."""
    outlets.orders("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    [message] = [one for one in outlets.inbox.take() if one["type"] == "order.placed"]
    copies = [copied(message, number) for number in range(ORDERS)]
    bodies = [*copies, *copies[::10]]
    sqs = emulator.client("sqs")
    for begin in range(0, len(bodies), 10):
        entries = [{"Id": str(at), "MessageBody": json.dumps(one)} for at, one in enumerate(bodies[begin : begin + 10])]
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)


def copied(message: dict[str, Any], number: int) -> dict[str, Any]:
    """The same order as another one, placed a moment ahead: a worker needs time to take it."""
    now = utc_now() + timedelta(seconds=number / 100)
    order_id = new_id(now)
    order = message["data"]["order"] | {"id": order_id}
    return message | {
        "id": new_id(now),
        "time": now.isoformat(),
        "subject": f"order/{order_id}",
        "data": message["data"] | {"order": order},
    }


def drive(workers: Workers, owner: Owner, database: MariaDB) -> int:
    """Kill workers until three quarters of the orders are known, then wait until nothing is left to do."""
    kills, killed_at = 0, time.monotonic()
    while not is_settled(database):
        owner.look()
        if time.monotonic() - killed_at > KILL_EVERY and kills < 8 + ORDERS // 20:
            workers.kill_one(owner.chance)
            kills, killed_at = kills + 1, time.monotonic()
        time.sleep(0.1)
    owner.look()
    return kills


def is_settled(database: MariaDB) -> bool:
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(OPEN_WORK)
        [row] = cursor.fetchall()
    return tuple(row) == (ORDERS, 0, 0)


def judge(owner: Owner, database: MariaDB, seed: int, kills: int) -> None:
    """By the log of the service, and by what the product says of each order."""
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(NOTICES)
        notices = {notice: (state, ended_at, left) for notice, state, ended_at, left in cursor.fetchall()}
        cursor.execute(TELLINGS)
        tellings = {(notice, address): count for notice, address, count in cursor.fetchall()}
    listed = {notice["notice"] for notice in owner.outlets.notices("&state=unknown&limit=200")}
    states = Counter(state for state, _, _ in notices.values())
    for notice, (state, _, left) in notices.items():
        escalated = left == 0 and (notice, chat(5)) in tellings
        assert state == "confirmed" or escalated or notice in listed, (notice, state, left)
    assert states["unknown"] == len(listed) or len(listed) == 200
    doubled = doubles(owner, tellings)
    late = late_arrivals(owner, {notice: ended_at for notice, (_, ended_at, _) in notices.items() if ended_at})
    assert (doubled, late) == ([], [])
    note_figure(f"orders.seed_{seed}", len(notices), "orders", note=f"{owner.fake.channel}, {kills} kills, {states}")


def doubles(owner: Owner, tellings: dict[tuple[str, str], int]) -> list[Arrival]:
    """Arrivals without a mark after the first in a chat. With a key of the channel, also more than were told."""
    shown: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for arrival in owner.fake.arrivals:
        shown[owner.notice_of[arrival.number], arrival.chat].append(arrival)
    plain = [later for (_, place), found in shown.items() if place in (chat(1), chat(2)) for later in found[1:]]
    more = [found[-1] for key, found in shown.items() if len(found) > tellings[key]]
    native = owner.fake.native_key_seconds > 0
    return [arrival for arrival in plain if not arrival.again] + (more if native else [])


def late_arrivals(owner: Owner, ended: dict[str, datetime]) -> list[Arrival]:
    """Arrivals later than a call takes after the answer."""
    bound = timedelta(seconds=on_this_machine(CALL_SECONDS))
    return [
        arrival
        for arrival in owner.fake.arrivals
        if (at := ended.get(owner.notice_of[arrival.number])) and _moment(arrival) > at.replace(tzinfo=UTC) + bound
    ]


def _moment(arrival: Arrival) -> datetime:
    return datetime.fromtimestamp(arrival.wall, UTC)
