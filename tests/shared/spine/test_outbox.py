"""The outbox: nothing lost, nothing overtaken, nothing twice in one sweep."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.outbox.send_due_messages import handler as send_due_messages
from shared.contracts.messages.orders import (
    OrderPlaced,
)
from shared.spine.batches import BATCH, Outgoing, batches
from shared.spine.db import LOCK_WAIT
from shared.spine.env import Environment
from shared.spine.errors import Rejected, Unavailable
from shared.spine.outbox import CLAIM, LEASE
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.support import order_api
from tests.support.broker import Broker
from tests.support.orders import Caller, an_order, new_key, open_store, paid
from tests.support.outbox import SUBJECTS_ROW, Clock, NewEnvironments, announce, order, subjects, sweep, unsent
from tests.support.queues import Inbox
from tests.support.waiting import on_this_machine, wait_until


def test_a_message_is_a_cloudevent_and_leaves_right_after_the_commit(env: Environment, inbox: Inbox) -> None:
    announce(env, "order/1", 1)
    [message] = inbox.take()
    wanted = {"specversion": "1.0", "type": "order.placed", "source": "/dumbwaiter/test", "subject": "order/1"}
    assert wanted.items() <= message.items()
    assert datetime.fromisoformat(message["time"]).tzinfo
    assert message["data"]["order"]["pickup_number"] == 1
    assert env.outbox.unsent()[0] == 0


def test_what_a_rolled_back_transaction_announced_was_never_said(env: Environment, inbox: Inbox) -> None:
    with pytest.raises(ZeroDivisionError), env.outbox.work("test") as work:
        work.announce(OrderPlaced(order=order()), subject="order/1", sequence=1)
        raise ZeroDivisionError
    assert sweep(env) == 0
    assert inbox.take() == []


def test_a_message_that_no_queue_carries_is_refused_before_it_is_kept(env: Environment, database: MariaDB) -> None:
    huge = order().model_copy(update={"table": "桌" * 90_000})
    with pytest.raises(Rejected), env.outbox.work("test") as work:
        work.announce(OrderPlaced(order=huge), subject="order/1", sequence=1)
    assert unsent(database) == 0


def test_a_broker_that_refuses_for_a_minute_loses_nothing_and_then_gets_all_in_order(
    broker: Broker, another_env: NewEnvironments, inbox: Inbox, database: MariaDB
) -> None:
    clock = Clock()
    env = another_env(aws_endpoint=broker.url, clock=clock)
    broker.mode = "refuse"
    for second in range(60):
        clock.ahead = timedelta(seconds=second)
        subject = f"order/{second % 20}"
        announce(env, subject, second // 20 + 1)
        if second % 30 == 29:
            with pytest.raises(Unavailable):
                sweep(env)
    assert inbox.take() == []
    assert unsent(database) == 60
    broker.mode = "pass"
    clock.ahead += LEASE
    announce(env, "order/3", 4)  # must not overtake what still waits of its subject
    sweep(env)
    came = subjects(inbox.take())
    assert came == {f"order/{n}": [1, 2, 3, 4] if n == 3 else [1, 2, 3] for n in range(20)}
    assert unsent(database) == 0


def test_while_the_broker_is_away_only_the_first_caller_waits_for_it(
    broker: Broker, another_env: NewEnvironments, database: MariaDB
) -> None:
    env = another_env(aws_endpoint=broker.url)
    announce(env, "order/0", 1)
    broker.mode = "refuse"
    announce(env, "order/1", 1)
    broker.asked.clear()
    announce(env, "order/2", 1)
    assert not broker.asked.is_set()
    assert unsent(database) == 2


def test_a_worker_killed_between_commit_and_publish_loses_nothing(
    broker: Broker,
    another_env: NewEnvironments,
    inbox: Inbox,
    database: MariaDB,
    env: Environment,
    function_environment: dict[str, str],
) -> None:
    clock = Clock()
    key = new_key(env, database.owner.url)
    store = open_store(Caller(order_api.handler, key))
    broker.mode = "hang"
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.support.worker", "functions.orders.api"],
        env=function_environment | {"AWS_ENDPOINT_URL": broker.url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with worker:
        event: dict[str, Any] = {}

        def post(given: dict[str, Any], _context: Context) -> dict[str, Any]:
            event.update(given)
            return {"statusCode": 202}

        Caller(post, key)("POST", "/v1/orders", an_order(store, payments=paid(1325)))
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(event) + "\n")
        worker.stdin.flush()
        wait_until(broker.asked.is_set, lambda: worker.poll() is None)
        worker.kill()
    assert worker.returncode == -9
    assert unsent(database) == 2
    assert inbox.take() == []
    broker.mode = "pass"
    clock.ahead = LEASE
    sweep(another_env(clock=clock))
    assert [message["type"] for message in inbox.take()] == ["order.placed", "order.paid"]
    assert unsent(database) == 0


def test_two_sweepers_at_once_send_nothing_twice(another_env: NewEnvironments, inbox: Inbox, database: MariaDB) -> None:
    writer = another_env(events_topic="")
    for subject in range(700):
        announce(writer, f"order/{subject}", 1, 2)
    sweepers = [another_env() for _ in range(3)]
    sent: list[int] = []
    barrier = threading.Barrier(len(sweepers))

    def work(env: Environment) -> None:
        barrier.wait()
        sent.append(sweep(env))

    threads = [threading.Thread(target=work, args=(env,)) for env in sweepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    came = inbox.take()
    assert Counter(message["id"] for message in came).most_common(1)[0][1] == 1
    assert sum(sent) == len(came) == 1_400
    assert all(numbers == [1, 2] for numbers in subjects(came).values())
    assert unsent(database) == 0


def test_a_sweeper_passes_over_what_another_holds(another_env: NewEnvironments, inbox: Inbox) -> None:
    writer, sweeper, holder = another_env(events_topic=""), another_env(), another_env()
    announce(writer, "order/held", 1)
    announce(writer, "order/free", 1)
    with holder.db.transaction() as held:
        held.rows("SELECT id FROM messages WHERE subject = 'order/held' FOR UPDATE")
        begun = time.monotonic()
        assert sweep(sweeper) == 1
        # So does whoever has just announced, and looks what else of the subject is to be sent.
        announce(sweeper, "order/held", 2)
        assert time.monotonic() - begun < on_this_machine(LOCK_WAIT), "it waited for a row that it was to pass over"
        assert subjects(inbox.take()) == {"order/free": [1]}
    assert sweep(sweeper) == 2
    assert subjects(inbox.take()) == {"order/held": [1, 2]}


def test_a_message_waits_for_an_earlier_one_that_somebody_else_is_sending(
    broker: Broker, another_env: NewEnvironments, inbox: Inbox, database: MariaDB
) -> None:
    slow, quick = another_env(aws_endpoint=broker.url), another_env()
    announce(slow, "order/0", 1)
    inbox.take()
    broker.asked.clear()
    broker.mode = "hang"
    first = threading.Thread(target=announce, args=(slow, "order/1", 1))
    first.start()
    wait_until(broker.asked.is_set, first.is_alive)
    announce(quick, "order/1", 2)
    assert sweep(quick) == 0
    assert inbox.take() == []
    broker.mode = "pass"
    broker.released.set()
    first.join()
    # The first one's time-out left it to the sweeper; nothing overtook it.
    later = Clock()
    later.ahead = LEASE
    sweep(another_env(clock=later))
    assert subjects(inbox.take()) == {"order/1": [1, 2]}
    assert unsent(database) == 0


def test_whoever_announces_while_another_publishes_is_sent_by_that_other(
    another_env: NewEnvironments, inbox: Inbox, database: MariaDB
) -> None:
    """Many announcers of one subject at once, no sweeper: everything leaves, in the order of its numbers."""
    environments = [another_env() for _ in range(4)]
    with environments[0].db.transaction() as transaction:
        transaction.execute(
            "INSERT INTO pickup_numbers (store_id, business_day, last_number) VALUES ('s', '2026-01-01', 1)"
        )
    numbers = iter(range(1, 41))

    def work(env: Environment) -> None:
        for _ in range(10):
            # As the row of the subject serialises its writers, up to their commits and no further.
            with env.outbox.work("test") as work:
                work.rows(SUBJECTS_ROW)
                sequence = next(numbers)
                work.announce(OrderPlaced(order=order(sequence)), subject="order/1", sequence=sequence)

    threads = [threading.Thread(target=work, args=(env,)) for env in environments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert subjects(inbox.take()) == {"order/1": list(range(1, 41))}
    assert unsent(database) == 0


def test_what_nobody_expected_of_the_broker_does_not_fail_the_work(
    broker: Broker, another_env: NewEnvironments, inbox: Inbox, database: MariaDB
) -> None:
    clock = Clock()
    env = another_env(aws_endpoint=broker.url, clock=clock)
    broker.mode = "garbage"
    announce(env, "order/1", 1)
    assert unsent(database) == 1
    broker.mode = "pass"
    clock.ahead = LEASE
    assert sweep(env) == 1
    assert len(inbox.take()) == 1


def test_a_sweep_ends_when_its_time_is_over_and_what_it_sent_is_marked(
    broker: Broker, another_env: NewEnvironments, database: MariaDB
) -> None:
    writer = another_env(events_topic="")
    for number in range(300):
        announce(writer, f"order/{number}", 1)
    broker.mode = "slow"
    env = another_env(aws_endpoint=broker.url)
    begun = env.clock()
    sent = env.outbox.send_due(begun + timedelta(seconds=1))
    assert env.clock() - begun < timedelta(seconds=2)
    assert 0 < sent < 300
    assert unsent(database) == 300 - sent == 300 - 10 * broker.published


def test_what_must_wait_does_not_hide_what_is_due(
    another_env: NewEnvironments, inbox: Inbox, database: MariaDB
) -> None:
    """Of one subject more wait than a claim looks at, behind one that somebody else is sending."""
    writer = another_env(events_topic="")
    announce(writer, "printer/1", *range(1, 3 * CLAIM))
    announce(writer, "order/1", 1)
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE messages SET leased_until = '2999-01-01' WHERE subject = 'printer/1' AND sequence = 1")
    assert sweep(another_env()) == 1
    assert subjects(inbox.take()) == {"order/1": [1]}


def test_the_timer_reports_how_long_the_oldest_has_waited(
    another_env: NewEnvironments, env: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    past = Clock()
    past.ahead = -timedelta(minutes=10)
    announce(another_env(events_topic="", clock=past), "order/1", 1)
    assert 599 < env.outbox.unsent()[1] < 630
    send_due_messages({}, Context())
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [line["OldestUnsentSeconds"] for line in metrics] == [[0.0]]


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), st.integers(1, 120_000)), min_size=1, max_size=60
    ),
    st.randoms(use_true_random=False),
)
def test_batches_hold_all_messages_fit_the_topic_and_keep_each_subjects_order(
    given_messages: list[tuple[str, int]], shuffle: random.Random
) -> None:
    counted: Counter[str] = Counter()
    messages = []
    for subject, size in given_messages:
        counted[subject] += 1
        messages.append(Outgoing(f"{subject}{counted[subject]}", subject, counted[subject], "t", "x" * size))
    shuffle.shuffle(messages)
    made = list(batches(messages))
    assert sorted(m.id for batch in made for m in batch) == sorted(m.id for m in messages)
    for batch in made:
        assert 1 <= len(batch) <= BATCH
        assert sum(len(m.body) for m in batch) <= 256 * 1024
        assert len({m.subject for m in batch}) == len(batch)
    for subject in counted:
        assert [m.sequence for batch in made for m in batch if m.subject == subject] == list(
            range(1, counted[subject] + 1)
        )


def test_what_follows_a_commit_is_done_before_its_messages_go_and_not_at_all_without_it(env: Environment) -> None:
    done: list[tuple[str, bool]] = []

    def note(name: str) -> None:
        with env.db.transaction() as transaction:
            rows = transaction.rows("SELECT sent_at FROM messages WHERE subject = %s", (f"order/{name}",))
        done.append((name, [row["sent_at"] for row in rows] == [None]))

    with env.outbox.work("test") as work:
        work.announce(OrderPlaced(order=order()), subject="order/kept", sequence=1)
        work.then(lambda: note("kept"))
    with pytest.raises(ZeroDivisionError), env.outbox.work("test") as work:
        work.then(lambda: note("lost"))
        raise ZeroDivisionError
    assert done == [("kept", True)]
