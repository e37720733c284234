"""The console on a chain with a year of sales: each view's API, at 140 stores and at ten times as many; live heads."""

import http.server
import json
import statistics
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self
from unittest import mock

from bench import chain_year
from bench.figures import Figure, limited, seconds, told
from bench.rig import Rig
from functions.console import api, on_change
from functions.console.live.connections import admit_with, watch
from functions.console.live.watch import Wish
from functions.console.tables.live import Viewer, insert_ticket
from shared.contracts.ids import new_id
from shared.spine import entry
from shared.spine.aws import Aws
from shared.spine.env import Environment
from shared.spine.http import app_maker
from stack.gateway_event import Context

STORES, TIMES = 140, 10
# Days with single orders, of 115 a store.
ORDER_DAYS = 7
ROUNDS = 15
MOST_MS = 100
MESSAGES, BATCH, WATCHERS = 2_000, 100, 20
LEAST_MESSAGES_A_SECOND = 500


def bench(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Each view at both sizes with the ratio, then the consumer of live changes."""
    small = _sizes(rig_of, STORES)
    large = _sizes(rig_of, STORES * TIMES)
    for name, milliseconds in small.items():
        yield limited(f"console.{name}", milliseconds, f"ms, {STORES} stores", MOST_MS)
    for name, milliseconds in large.items():
        figure = limited(f"console.{name}_x{TIMES}", milliseconds, f"ms, {STORES * TIMES} stores", MOST_MS)
        ratio = milliseconds / small[name]
        yield replace(figure, note=f"{ratio:.1f} times as long as with {STORES} stores")
    yield from _live(rig_of())


def _sizes(rig_of: Callable[[], Rig], stores: int) -> dict[str, float]:
    """The median of each view in milliseconds. The first call of each is left out: it fills the cache of stores."""
    rig = rig_of()
    took = seconds(chain_year.fill, rig.url, stores, ORDER_DAYS)
    print(f"    {stores} stores filled in {took:.0f} s", flush=True)
    rig.handler = entry.http(app_maker("console", api.OPERATIONS))
    return {name: _median(rig, target) for name, target in views(rig).items()}


def views(rig: Rig) -> dict[str, str]:
    """The target of each view of the console on a chain of `chain_year`."""
    order = rig.count("SELECT MAX(id) FROM orders")
    day, store = chain_year.TODAY, "y00007"
    return {
        "today": f"/v1/console/today?chain=demo&day={day}",
        "today_of_a_store": f"/v1/console/today?chain=demo&day={day}&store={store}",
        "fleet": "/v1/console/fleet?chain=demo",
        "fleet_store": f"/v1/console/fleet/{store}",
        "printer_day": f"/v1/console/fleet/{store}/printers/kitchen/day?day={day}",
        "orders": "/v1/console/orders?chain=demo",
        "orders_of_a_store": f"/v1/console/orders?chain=demo&store={store}",
        "orders_filtered": "/v1/console/orders?chain=demo&payment=refunded",
        "search_number": "/v1/console/orders/search?chain=demo&q=B00007-100",
        "search_phone": "/v1/console/orders/search?chain=demo&q=1234",
        "order": f"/v1/console/orders/{order}",
        "alerts": "/v1/console/alerts?chain=demo",
    }


def _median(rig: Rig, target: str) -> float:
    calls = [seconds(rig.call, rig.event("GET", target, None), 200) for _ in range(ROUNDS + 1)]
    return statistics.median(calls[1:]) * 1000


def _live(rig: Rig) -> Iterator[Figure]:
    """Messages a second through the consumer, without a page and with pages that watch the whole chain."""
    with _Sink() as sink:
        env = Environment(rig.settings)
        env.keyring()  # while the emulator still answers
        with env.db.transaction():
            pass
        vars(env)["aws"] = Aws(replace(rig.settings, aws_endpoint=sink.url, websocket_api="live"), env.clock)
        batches = [_batch(number) for number in range(MESSAGES // BATCH)]
        for pages in (0, WATCHERS):
            _open_pages(env, rig.key["id"], pages)
            rate = MESSAGES / seconds(_deliver, env, batches)
            name = f"console.live_{pages}_pages"
            yield replace(
                told(name, rate, f"messages/s, batches of {BATCH}"),
                bar=f"≥ {LEAST_MESSAGES_A_SECOND}",
                ok=rate >= LEAST_MESSAGES_A_SECOND,
            )
        yield told("console.live_frames", sink.frames, f"frames for {MESSAGES} messages and {WATCHERS} pages")
        env.close()


def _deliver(env: Environment, batches: list[dict[str, Any]]) -> None:
    with mock.patch.object(entry, "environment", return_value=env):
        for batch in batches:
            if on_change.handler(batch, Context())["batchItemFailures"]:
                raise AssertionError("a message failed")


def _open_pages(env: Environment, client: str, pages: int) -> None:
    now = env.clock()
    for page in range(pages):
        with env.db.transaction() as transaction:
            insert_ticket(transaction, f"ticket {page}", Viewer(client, None), now.replace(year=2099), now)
            admit_with(transaction, f"ticket {page}", f"page-{page}", now)
            watch(transaction, f"page-{page}", [Wish("demo", None, ("orders",))], now)


def _batch(number: int) -> dict[str, Any]:
    records = [
        {
            "messageId": f"{number}-{place}",
            "body": json.dumps(_message(number * BATCH + place)),
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:bench",
            "receiptHandle": "r",
        }
        for place in range(BATCH)
    ]
    return {"Records": records}


def _message(number: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    order = {"id": f"{number:026}", "chain": "demo", "store": f"y{number % STORES:05}", "lines": [{"item": "x"}] * 5}
    return {
        "specversion": "1.0",
        "id": new_id(now),
        "type": "order.placed",
        "source": "/dumbwaiter/orders",
        "subject": f"order/{number:026}",
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": "urn:dumbwaiter:message:order.placed:1",
        "sequence": 1,
        "data": {"order": order},
    }


class _Sink:
    """The gateway's side of connections: takes each frame and counts it."""

    def __init__(self) -> None:
        self.frames = 0
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                sink.frames += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
