"""Claims of the outbox: two workers never have the same message, and a message of a dead worker is claimed again."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.messages.orders import OrderPlaced
from shared.spine.env import Environment
from shared.spine.outbox import LEASE
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.support.broker import Broker
from tests.support.outbox import announce, order, subjects, sweep, unsent
from tests.support.queues import Inbox
from tests.support.row_locks import ignoring_skip_locked
from tests.support.waiting import wait_until

NewEnvironments = Callable[..., Environment]
WORKERS = 3
SUBJECTS = 400

servers = pytest.mark.parametrize("skips_locked", [True, False], ids=["rows are locked", "TiDB locks no row"])


@pytest.fixture
def broker(emulator: Emulator) -> Iterator[Broker]:
    broker = Broker(emulator.endpoint)
    yield broker
    broker.close()


@servers
def test_workers_at_once_publish_every_message_once_and_in_order(
    another_env: NewEnvironments, inbox: Inbox, database: MariaDB, *, skips_locked: bool
) -> None:
    writer = another_env(events_topic="")
    for number in range(SUBJECTS):
        announce(writer, f"order/{number}", 1, 2)
    environments = [another_env() for _ in range(WORKERS)]
    barrier = threading.Barrier(WORKERS)
    counts: list[int] = []

    def work(env: Environment) -> None:
        barrier.wait()
        counts.append(sweep(env))

    with nullcontext() if skips_locked else ignoring_skip_locked():
        _run(work, environments)
    messages = inbox.take()
    assert Counter(message["id"] for message in messages).most_common(1)[0][1] == 1
    assert sum(counts) == len(messages) == 2 * SUBJECTS
    assert set(map(tuple, subjects(messages).values())) == {(1, 2)}
    assert unsent(database) == 0


@servers
def test_announcers_at_once_publish_every_message_of_their_subject_once_and_in_order(
    another_env: NewEnvironments, inbox: Inbox, database: MariaDB, *, skips_locked: bool
) -> None:
    """Each announcer looks for messages that another announcer left to it while it published."""
    environments = [another_env() for _ in range(WORKERS)]
    turn = threading.Lock()  # as the lock of an order's row: until the commit, and not while its messages are published
    numbers = iter(range(1, 31))

    def work(env: Environment) -> None:
        for _ in range(10):
            with env.outbox.work("test") as work:
                turn.acquire()
                work.then(turn.release)
                work.announce(OrderPlaced(order=order()), subject="order/1", sequence=next(numbers))

    with nullcontext() if skips_locked else ignoring_skip_locked():
        _run(work, environments)
    assert subjects(inbox.take()) == {"order/1": list(range(1, 31))}
    assert unsent(database) == 0


@servers
def test_a_publisher_sends_what_was_announced_behind_its_message_while_it_published(
    broker: Broker, another_env: NewEnvironments, inbox: Inbox, database: MariaDB, *, skips_locked: bool
) -> None:
    slow, quick = another_env(aws_endpoint=broker.url), another_env()
    broker.mode = "hold"
    with nullcontext() if skips_locked else ignoring_skip_locked():
        for number in range(3):
            subject = f"order/{number}"
            broker.asked.clear()
            broker.released.clear()
            first = threading.Thread(target=announce, args=(slow, subject, 1))
            first.start()
            wait_until(broker.asked.is_set, first.is_alive)
            announce(quick, subject, 2)
            announce(quick, subject, 3)
            broker.released.set()
            first.join()
            assert subjects(inbox.take()) == {subject: [1, 2, 3]}
    assert unsent(database) == 0


def test_a_message_of_a_subject_waits_while_another_worker_has_the_one_before(
    another_env: NewEnvironments, inbox: Inbox, database: MariaDB
) -> None:
    """The two workers read the same rows. The second worker gets the second message, and must not publish it yet."""
    writer, env = another_env(events_topic=""), another_env()
    announce(writer, "order/1", 1, 2)
    announce(writer, "order/2", 1)
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        claim = "UPDATE messages SET claim_token = 7, leased_until = %s WHERE subject = 'order/1' AND sequence = 1"
        cursor.execute(claim, (datetime.now(UTC) + LEASE,))
        assert sweep(env) == 1
        assert subjects(inbox.take()) == {"order/2": [1]}
        cursor.execute(
            "SELECT sequence, leased_until, claim_token FROM messages WHERE sent_at IS NULL ORDER BY sequence"
        )
        (first, waiting) = cursor.fetchall()
        assert (first[0], first[2]) == (1, 7)
        assert waiting == (2, None, None)
        cursor.execute("UPDATE messages SET leased_until = NULL WHERE sequence = 1")
    assert sweep(env) == 2
    assert subjects(inbox.take()) == {"order/1": [1, 2]}


def test_messages_of_a_worker_that_dies_after_its_claim_are_published_by_another(
    broker: Broker,
    another_env: NewEnvironments,
    inbox: Inbox,
    database: MariaDB,
    function_environment: dict[str, str],
) -> None:
    announce(another_env(events_topic=""), "order/1", 1, 2)
    broker.mode = "hang"
    command = [sys.executable, "-m", "tests.support.worker", "functions.outbox.send_due_messages"]
    worker = subprocess.Popen(
        command,
        env=function_environment | {"AWS_ENDPOINT_URL": broker.url},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with worker:
        assert worker.stdin is not None
        worker.stdin.write(json.dumps({}) + "\n")
        worker.stdin.flush()
        wait_until(broker.asked.is_set, lambda: worker.poll() is None)
        worker.kill()
    assert worker.returncode == -9
    assert sweep(another_env()) == 0, "the lease of the dead worker has not ended"
    ahead = LEASE + timedelta(seconds=1)
    assert sweep(another_env(clock=lambda: datetime.now(UTC) + ahead)) == 2
    assert subjects(inbox.take()) == {"order/1": [1, 2]}
    assert unsent(database) == 0


def _run(work: Callable[[Environment], Any], environments: list[Environment]) -> None:
    threads = [threading.Thread(target=work, args=(env,)) for env in environments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
