"""Deliveries on the local stack: places, watchers, devices, statements and cost, and how wrong an arrival is."""

import hashlib
import http.client
import json
import random
import secrets
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from unittest import mock

import pymysql

from bench.delivery_arrivals import arrivals
from bench.delivery_city import COURIERS, STORE, STORE_PLACE, WATCHERS, City, Line
from bench.figures import Figure, compared, limited, percentile, seconds, told
from bench.queues import wait_until_idle
from demo import pizzaplace
from functions.delivery import api
from functions.delivery.resources.customer import POLL_SECONDS
from generate.cost import read_prices
from shared.contracts.ids import store_key
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.http import app_maker
from shared.spine.settings import read_settings
from stack.cloudformation import STAGE
from stack.gateway_event import Context, answer_of, event
from stack.signed_requests import Caller
from stack.stack import Stack

SECONDS_OF_LOAD, FIX_SECONDS = 60, 30
CLIENTS = 24
PROBES, ACTIONS, DEVICES, LIVES, FIXES = 40, 40, 5, 8, 20
PAIRS, REQUESTS = 9, 40
ASK_SECONDS = 0.05
BARS = {"fix": 1_000, "unchanged": 5, "errors": 0, "devices": 500}
MEMORY_GB = 0.5


def bench(stack: Stack) -> Iterator[Figure]:
    """All figures of deliveries."""
    city = City(stack)
    try:
        yield from _unchanged(city)
        yield from _devices(city)
        yield from _lives(city)
        yield from _load(city)
    finally:
        city.close()
    yield from arrivals()


def _unchanged(city: City) -> Iterator[Figure]:
    """A page that asks again: 304 within the handler, beside the same rows read by a bare connection."""
    target, link = f"/v1/tracks/{city.links[0]}", city.links[0]
    settings = replace(read_settings(), database_secret=f"dumbwaiter/{STAGE}/database")
    env = Environment(settings)
    handler = entry.http(app_maker("delivery", [*api.OPERATIONS, *api.CALLBACKS]))
    try:
        with mock.patch.object(entry, "environment", return_value=env):
            first = answer_of(handler(event("GET", target, {"host": "api"}, b""), Context()))
            asks = event("GET", target, {"host": "api", "if-none-match": first.headers["etag"]}, b"")
            took: list[float] = []
            values, floors = [], []
            for _ in range(PAIRS):
                mine = [seconds(_expect, handler, asks, 304) * 1000 for _ in range(REQUESTS)]
                took += mine
                values.append(statistics.mean(mine))
                floors.append(_bare_reads(city, link))
    finally:
        env.close()
    yield compared("delivery.unchanged", "ms a 304 in the handler", values, floors)
    yield limited("delivery.unchanged_p95", percentile(took, 95), "ms a 304 in the handler", BARS["unchanged"])


def _expect(handler: Callable[..., dict[str, Any]], request: dict[str, Any], status: int) -> None:
    reply = handler(dict(request), Context())
    if reply["statusCode"] != status:
        raise AssertionError(f"{reply['statusCode']} instead of {status}")


def _bare_reads(city: City, link: str) -> float:
    """Milliseconds of the four SELECTs of the page and a COMMIT, on a bare connection."""
    digest = hashlib.sha256(link.encode()).digest()
    with city.stack.db.functions.connect(autocommit=False) as connection, connection.cursor() as cursor:

        def read() -> None:
            cursor.execute("SELECT * FROM deliveries WHERE link_hash = %s", (digest,))
            cursor.execute("SELECT * FROM delivery_stores WHERE store_id = %s", (store_key(pizzaplace.CHAIN, STORE),))
            cursor.execute("SELECT * FROM couriers WHERE chain_id = %s AND id = 'bench-0'", (pizzaplace.CHAIN,))
            cursor.execute("SELECT * FROM delivery_feedback WHERE delivery_id = 'x'")
            connection.commit()

        read()
        return statistics.mean(seconds(read) * 1000 for _ in range(REQUESTS))


def _devices(city: City) -> Iterator[Figure]:
    """An action until five devices of the store's packers have its message; each asks every 50 ms."""
    delivery, revision = _placed(city, "devices")
    del revision
    head = int(_inbox(city.desk, 0)["head"])
    took, bare = [], []
    with ThreadPoolExecutor(DEVICES) as pool:
        callers = [Caller(city.stack.place.http, city.desk.key) for _ in range(DEVICES)]
        for number in range(ACTIONS):
            began_at = time.perf_counter()
            expected = "unassigned" if number == 0 else "accepted"
            courier = f"bench-{number % 2}"
            _act(city.desk, delivery, "assign", expected, courier=courier)
            acted_at = time.perf_counter()
            head += 1
            arrived = list(pool.map(lambda caller, after=head: _arrived(caller, after), callers))
            took.append((max(arrived) - began_at) * 1000)
            bare.append((acted_at - began_at) * 1000)
    _act(city.desk, delivery, "cancel", "accepted", reason="bench")
    yield compared("delivery.action_to_devices", "ms to five devices, beside the action alone", took, bare)
    yield limited("delivery.action_to_devices_p95", percentile(took, 95), "ms", BARS["devices"])


def _arrived(caller: Caller, head: int) -> float:
    """The time at which a device has the message with this number."""
    until = time.perf_counter() + 30
    while int(_inbox(caller, head - 1)["head"]) < head:
        if time.perf_counter() > until:
            raise AssertionError("the message did not come")
        time.sleep(ASK_SECONDS)
    return time.perf_counter()


def _inbox(caller: Caller, after: int) -> dict[str, Any]:
    reply = caller("GET", f"/v1/inbox?party=packer&chain={pizzaplace.CHAIN}&store={STORE}&after={after}")
    if reply.status_code == 410:  # noqa: PLR2004 - older messages were deleted
        return {"head": after}
    return dict(reply.raise_for_status().json())


def _placed(city: City, source: str) -> tuple[str, int]:
    """(a new delivery of a new order, its revision)."""
    till = Caller(city.stack.place.http, city.stack.place.keys["till"])
    sale = next(iter(pizzaplace.sales()))
    guest = {"name": "Ada", "phone": "+49 30 1234567", "address": "1 Mill Lane"}
    body = pizzaplace.order_of(sale, STORE, source=source) | {"service": "delivery", "guest": guest}
    order = till("POST", "/v1/orders", body).raise_for_status().json()["id"]
    target = f"/v1/deliveries?chain={pizzaplace.CHAIN}&order={order}"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = city.desk("GET", target).raise_for_status().json()["deliveries"]
        if found:
            return str(found[0]["id"]), int(found[0]["revision"])
        time.sleep(0.1)
    raise AssertionError("the delivery did not come")


def _act(caller: Caller, delivery: str, action: str, expected: str, **details: Any) -> None:
    body = {"id": secrets.token_hex(8), "action": action, "expected": expected} | details
    caller("POST", f"/v1/deliveries/{delivery}/actions", body, key=secrets.token_hex(8)).raise_for_status()


def _lives(city: City) -> Iterator[Figure]:
    """Statements, requests and cost of a delivery from its order to its end, with the places and the page's questions.

    The floor of the statements is that of the same order without a delivery.
    """
    floors = [_statements_of(city, partial(_order_alone, city, number)) for number in range(2)]
    counts = [_statements_of(city, partial(_life, city, number)) for number in range(LIVES)]
    ratio = [statistics.median(floors)] * LIVES
    yield compared("delivery.statements", "statements from order to door, beside the order alone", counts, ratio)
    _life(city, LIVES)
    began_at = time.perf_counter()
    requests = _life(city, LIVES + 1)
    each = (time.perf_counter() - began_at) / requests
    prices = {name: float(price["usd"]) for name, price in read_prices().items()}
    a_run = prices["lambda_requests"] + each * MEMORY_GB * prices["lambda_seconds"]
    a_message = prices["sns_publishes"] + 3 * prices["sqs_requests"] + a_run
    cents = 100 * (requests * (prices["http_requests"] + a_run) + MESSAGES * a_message)
    yield told("delivery.requests", requests, f"requests a delivery, {FIXES} places and {FIXES} looks among them")
    yield told("delivery.cost", cents, "US cents a delivery", "list prices; the database and fixed costs are not in it")


# Messages of a delivery's life: one when it is made, and one for each of its actions.
MESSAGES = 8


def _statements_of(city: City, work: Callable[[], object]) -> float:
    wait_until_idle(city.stack)
    before = _questions(city)
    work()
    wait_until_idle(city.stack)
    return _questions(city) - before - 1


def _questions(city: City) -> int:
    with city.stack.db.owner.connect() as connection, connection.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Questions'")
        row = cursor.fetchone()
    return int(row["Value"]) if row else 0


def _order_alone(city: City, number: int) -> None:
    till = Caller(city.stack.place.http, city.stack.place.keys["till"])
    body = pizzaplace.order_of(next(iter(pizzaplace.sales())), STORE, source=f"alone{number}")
    till("POST", "/v1/orders", body).raise_for_status()


def _life(city: City, number: int) -> int:
    """From order to door. Returns the number of requests, without the waits of this bench."""
    delivery, revision = _placed(city, f"life{number}")
    door = {"name": "Ada", "address": "1 Mill Lane", "lat": STORE_PLACE[0] + 0.01, "lon": STORE_PLACE[1]}
    body = {"revision": revision, "details": {"recipient": door}}
    city.desk("PUT", f"/v1/deliveries/{delivery}/details", body, key=secrets.token_hex(8)).raise_for_status()
    before = [("pack", "to_pick"), ("assign", "unassigned"), ("arrive_at_store", "accepted"), ("pick_up", "at_store")]
    for action, expected in before:
        _act(city.desk, delivery, action, expected, courier=f"bench-{COURIERS}")
    link = str(city.desk("GET", f"/v1/deliveries/{delivery}").raise_for_status().json()["link"]).removeprefix("/d/")
    line = Line(city.stack.place.http)
    for step in range(FIXES):
        line.post_place(city.secrets[COURIERS], STORE_PLACE[0] + 0.01 * step / FIXES)
        line.get(f"/v1/tracks/{link}/position")
    for action, expected in (("set_off", "picked_up"), ("arrive", "on_the_way"), ("deliver", "arrived")):
        _act(city.desk, delivery, action, expected)
    line.close()
    return 1 + 1 + 7 + 1 + 2 * FIXES


@dataclass
class Load:
    """The requests of one minute in the order of their times, each made by the next free line."""

    city: City
    due: list[tuple[float, int, int]]
    errors: int = 0
    late: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> float:
        """Make all requests. Returns the seconds that it took."""
        began_at = time.perf_counter()
        queue = iter(self.due)
        with ThreadPoolExecutor(CLIENTS) as pool:
            for _ in range(CLIENTS):
                pool.submit(self._work, queue, began_at)
        return time.perf_counter() - began_at

    def _work(self, queue: Iterator[tuple[float, int, int]], began_at: float) -> None:
        line = Line(self.city.stack.place.http)
        while True:
            with self.lock:
                job = next(queue, None)
            if job is None:
                break
            at, courier, watcher = job
            time.sleep(max(0.0, began_at + at - time.perf_counter()))
            is_good = self._made(line, at, courier, watcher)
            with self.lock:
                self.errors += not is_good
                self.late.append(time.perf_counter() - began_at - at)
        line.close()

    def _made(self, line: Line, at: float, courier: int, watcher: int) -> bool:
        try:
            if watcher < 0:
                lat = STORE_PLACE[0] + 0.0001 * at / FIX_SECONDS
                return line.post_place(self.city.secrets[courier], lat) == 200  # noqa: PLR2004
            link = self.city.links[watcher % len(self.city.links)]
            status, _ = line.get(f"/v1/tracks/{link}/position")
        except (OSError, http.client.HTTPException):
            line.connection.close()
            return False
        return status in (200, 304, 404)  # 404: the courier has sent no place yet


def _load(city: City) -> Iterator[Figure]:
    """200 couriers and 2,000 watchers for a minute, and how soon a place is at its customer's page meanwhile."""
    random_source = random.Random(20)  # noqa: S311 - the same load each time
    due = [
        (random_source.uniform(0, FIX_SECONDS) + lap * FIX_SECONDS, courier, -1)
        for courier in range(1, COURIERS)
        for lap in range(SECONDS_OF_LOAD // FIX_SECONDS)
    ]
    due += [
        (random_source.uniform(0, POLL_SECONDS) + lap * POLL_SECONDS, -1, watcher)
        for watcher in range(WATCHERS)
        for lap in range(SECONDS_OF_LOAD // POLL_SECONDS)
    ]
    idle = [_fix_to_page(city, number) for number in range(PROBES)]
    load = Load(city, sorted(due))
    probes: list[float] = []
    prober = threading.Thread(target=lambda: probes.extend(_probes(city)))
    prober.start()
    took = load.run()
    prober.join()
    yield limited("delivery.load_errors", load.errors, f"errors of {len(due):,} requests", BARS["errors"])
    yield told("delivery.load_rate", len(due) / took, "requests/s", f"{len(due) / SECONDS_OF_LOAD:.0f} were due")
    yield told("delivery.load_p95", percentile(load.late, 95) * 1000, "ms from when a request was due to its reply")
    floors = [statistics.median(idle)] * len(probes)
    yield compared("delivery.fix_to_page", "ms from a place to the page, beside an idle stack", probes, floors)
    yield limited("delivery.fix_to_page_p95", percentile(probes, 95), "ms, without the page's pause", BARS["fix"])


def _probes(city: City) -> Iterator[float]:
    for number in range(PROBES):
        yield _fix_to_page(city, PROBES + number)
        time.sleep(SECONDS_OF_LOAD / PROBES / 2)


def _fix_to_page(city: City, number: int) -> float:
    """Milliseconds from sending a place until a customer's page that asks at once has it."""
    line = Line(city.stack.place.http)
    lat = STORE_PLACE[0] + 0.00001 * (number + 1)
    time.sleep(1.1)  # a second has one place
    began_at = time.perf_counter()
    if line.post_place(city.secrets[0], lat) != 200:  # noqa: PLR2004
        raise AssertionError("a place was refused")
    while True:
        status, body = line.get(f"/v1/tracks/{city.links[0]}/position")
        if status == 200 and abs(json.loads(body)["lat"] - lat) < 1e-7:  # noqa: PLR2004
            break
    line.close()
    return (time.perf_counter() - began_at) * 1000
