"""Workers are killed while orders change: every message arrives, each order in its order, under its own id."""

import queue
import random
import threading
from collections import defaultdict
from typing import Any

import pytest

from stack.mariadb import MariaDB
from tests.simulators.webhook_receiver import Answer, Receiver
from tests.support.kill_drills import WebhookWorker, send_after_the_leases
from tests.support.orders import Caller, an_order, paid
from tests.support.waiting import wait_until
from tests.support.webhooks import Webhooks

SEED = 4
ORDERS = 12
WORKERS = 3
STEPS = ("accepted", "preparing", "ready", "handed_over")


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
    workers = [WebhookWorker(messages, environment) for _ in range(WORKERS)]
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
    send_after_the_leases(database, receiver, sum(map(len, expected.values())))
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
