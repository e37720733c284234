"""Webhooks through the local stack: how long after the 201 a message is at the integrator's server."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

from bench.figures import Figure, limited, percentile, told
from bench.rig import Rig
from demo import pizzaplace
from functions.webhooks import api as webhooks
from functions.webhooks.deliveries.delivering import deliver_messages
from functions.webhooks.deliveries.intake import PublicMessage
from shared.contracts.messages import read_message
from shared.spine import entry
from shared.spine.env import Environment
from stack.gateway_event import Context, answer_of
from stack.signed_requests import Caller
from stack.stack import Stack

ORDERS = 60
WARM = 5
PATIENCE = 60
BAR_MILLISECONDS = 1_000
QUESTIONS = "SHOW SESSION STATUS LIKE 'Questions'"
SELECT_BODIES = "SELECT body FROM messages WHERE type LIKE 'order.%%' ORDER BY id"


class _Receiver:
    """An integrator's server that notes when the messages of each order arrived."""

    def __init__(self) -> None:
        self.arrived_at: dict[str, list[float]] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.arrived_at.setdefault(document["subject"], []).append(time.perf_counter())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait(self, subject: str, messages: int) -> list[float]:
        """The times of arrival. Raises AssertionError when they do not come."""
        until = time.perf_counter() + PATIENCE
        while time.perf_counter() < until:
            if len(times := self.arrived_at.get(subject, [])) >= messages:
                return times
            time.sleep(0.005)
        raise AssertionError(f"{messages} messages of {subject} did not come")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def bench(stack: Stack, rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Order placed → message at the endpoint, one order after another, and the statements of the functions for it."""
    head_office = Caller(stack.place.http, stack.place.keys["head_office"])
    head_office("PUT", "/v1/stores/harbour", pizzaplace.settings_of("harbour")).raise_for_status()
    head_office("PUT", "/v1/stores/harbour/menu", pizzaplace.menu()).raise_for_status()
    receiver = _Receiver()
    body = {"chain": pizzaplace.CHAIN, "url": receiver.url, "types": ["order.*"]}
    webhook = head_office("POST", "/v1/webhooks", body).raise_for_status().json()["id"]
    try:
        for number in range(WARM):
            _milliseconds(head_office, receiver, f"w{number}")
        took = [_milliseconds(head_office, receiver, f"o{number}") for number in range(ORDERS)]
        yield limited("webhooks.sent_p50", percentile([reply for _, reply in took], 50), "ms", BAR_MILLISECONDS)
        yield told(
            "webhooks.sent_p95", percentile([reply for _, reply in took], 95), "ms", "after the 201; 0: before it"
        )
        yield told("webhooks.sent_from_request_p50", percentile([request for request, _ in took], 50), "ms")
        alone, together = _statements(rig_of(), receiver)
        yield told("webhooks.statements_alone", alone, "statements a delivery", "COMMITs included; a message at a time")
        yield told("webhooks.statements_together", together, "statements a delivery", "COMMITs included; ten messages")
    finally:
        head_office("DELETE", f"/v1/webhooks/{webhook}").raise_for_status()
        receiver.close()


def _place(caller: Caller, source: str, count: int) -> list[str]:
    """The subjects of so many paid orders."""
    subjects = []
    for sale in pizzaplace.sales()[:count]:
        reply = caller("POST", "/v1/orders", pizzaplace.order_of(sale, "harbour", source=f"webhooks-{source}"))
        subjects.append(f"order/{reply.raise_for_status().json()['id']}")
    return subjects


def _milliseconds(caller: Caller, receiver: _Receiver, source: str) -> tuple[float, float]:
    """The first message of a new order: milliseconds after the request began, and after its 201."""
    began_at = time.perf_counter()
    [subject] = _place(caller, source, 1)
    placed_at = time.perf_counter()
    arrived_at = receiver.wait(subject, 2)[0]
    return (arrived_at - began_at) * 1000, max(0.0, arrived_at - placed_at) * 1000


def _statements(rig: Rig, receiver: _Receiver) -> tuple[float, float]:
    """Statements of a delivery: when each message comes alone, and when ten come together."""
    rig.open_stores()
    sales = list(pizzaplace.sales()[:ORDERS])
    endpoint = {"chain": pizzaplace.CHAIN, "url": receiver.url, "types": ["order.*"]}
    handler = entry.http(webhooks.make_app)
    env = Environment(replace(rig.settings, stage="local"))
    with mock.patch.object(entry, "environment", return_value=env):
        reply = answer_of(handler(rig.event("POST", "/v1/webhooks", endpoint), Context()))
        assert reply.status == HTTPStatus.CREATED, reply.text
    counts = []
    for size, source in ((1, "alone"), (10, "together")):
        rig.take(rig.posts(sales, source=source))
        counts.append(_questions(env, size) / ORDERS / 2)
    env.close()
    return counts[0], counts[1]


def _questions(env: Environment, size: int) -> int:
    """Statements for all messages that were not handed over before, so many at once."""
    with env.db.transaction() as transaction:
        rows = transaction.rows(SELECT_BODIES)[-2 * ORDERS :]
        before = int(transaction.rows(QUESTIONS)[0]["Value"])
    messages = [read_message(row["body"], PublicMessage) for row in rows]
    for start in range(0, len(messages), size):
        deliver_messages(messages[start : start + size], env)
    with env.db.transaction() as transaction:
        return int(transaction.rows(QUESTIONS)[0]["Value"]) - before
