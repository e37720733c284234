"""Workers are killed while orders change: every message arrives, each order in its order, under its own id."""

import json
import queue
import random
import subprocess
import sys
import threading
from collections import defaultdict
from contextlib import suppress
from typing import Any

import pytest

from functions.webhooks import send_due_deliveries
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.simulators.webhook_receiver import Answer, Receiver
from tests.support.orders import Caller, an_order, paid
from tests.support.paths import ROOT
from tests.support.waiting import wait_until
from tests.support.webhooks import Webhooks, records

SEED = 4
ORDERS = 12
WORKERS = 3
STEPS = ("accepted", "preparing", "ready", "handed_over")


class Worker:
    """A process that handles the messages of a shared queue. A killed one gives its message back, as SQS does."""

    def __init__(self, messages: "queue.Queue[dict[str, Any]]", environment: dict[str, str]) -> None:
        self._messages, self._environment = messages, environment
        self._process = self._start()
        self._ends = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self._ends = True
        self._process.kill()
        self._thread.join()
        self._close()

    def _close(self) -> None:
        self._process.kill()  # one that was started while the worker ended
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.support.killed_worker"]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )

    def _work(self) -> None:
        while not self._ends:
            try:
                message = self._messages.get(timeout=0.1)
            except queue.Empty:
                continue
            if not self._handled(message):
                self._messages.put(message)
            self._messages.task_done()

    def _handled(self, message: dict[str, Any]) -> bool:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(records([message])) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except OSError:
            answer = ""
        if not answer and not self._ends:
            self._close()
            self._process = self._start()
        return answer == "[]\n"


@pytest.fixture
def environment(function_environment: dict[str, str]) -> dict[str, str]:
    return function_environment | {"STAGE": "local"}


def test_every_message_arrives_in_order_although_workers_are_killed(
    webhooks: Webhooks,
    receiver: Receiver,
    call: Caller,
    store: str,
    environment: dict[str, str],
    database: MariaDB,
) -> None:
    chance = random.Random(SEED)
    webhook = webhooks.create(receiver.url())
    receiver.answer = lambda _path, _message: Answer(silence=chance.choice((0, 0, 0.05, 0.2)))
    messages: queue.Queue[dict[str, Any]] = queue.Queue()
    expected: dict[str, list[str]] = defaultdict(list)
    workers = [Worker(messages, environment) for _ in range(WORKERS)]
    kills = 0
    try:
        for step in (None, *STEPS):
            _change_orders(call, store, step)
            batch = webhooks.inbox.take()
            chance.shuffle(batch)
            for message in batch:
                if message["subject"].startswith("order/"):
                    expected[message["subject"]].append(message["id"])
                    messages.put(message)
            for _ in range(4):
                threading.Event().wait(chance.uniform(0.1, 0.6))
                chance.choice(workers).kill()
                kills += 1
        wait_until(lambda: not messages.unfinished_tasks)  # a worker may hold the last one
    finally:
        for worker in workers:
            worker.end()
    _send_after_the_leases(database, receiver, sum(map(len, expected.values())))
    assert kills >= 20
    assert len(receiver.verified(webhook["secret"])) == len(receiver.requests)
    for subject, ids in expected.items():
        arrived = [request for request in receiver.requests if request.message["subject"] == subject]
        first = list(dict.fromkeys(request.message["sequence"] for request in arrived))
        assert first == list(range(1, len(ids) + 1)), f"{subject} arrived as {first}"
        assert {request.id for request in arrived} == set(ids)
        assert all(request.id == request.message["id"] for request in arrived)
    # A killed worker may have sent one message, of which no other worker knows. So there are few repeats.
    assert len(receiver.requests) - sum(map(len, expected.values())) <= kills


def _change_orders(call: Caller, store: str, step: str | None) -> None:
    """Place the orders, or move all of them a step on."""
    if step is None:
        for _ in range(ORDERS):
            assert call("POST", "/v1/orders", an_order(store, payments=paid(1325))).status == 201
        return
    for order in call("GET", f"/v1/orders?store={store}&limit=200").json["orders"]:
        assert call("POST", f"/v1/orders/{order['id']}/fulfilment", {"status": step}).status == 200


def _send_after_the_leases(database: MariaDB, receiver: Receiver, messages: int) -> None:
    """No worker is left. The time of their leases passes, and the timer runs, until every message has arrived."""

    def all_arrived() -> bool:
        with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("UPDATE webhook_deliveries SET leased_until = leased_until - INTERVAL 60 SECOND")
            cursor.execute("UPDATE webhook_deliveries SET next_at = next_at - INTERVAL 60 SECOND")
        send_due_deliveries.handler({}, Context(milliseconds=50_000))
        return len({request.id for request in receiver.requests}) >= messages

    wait_until(all_arrived, pause=0.5)
