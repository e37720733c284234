"""Orders into chats beside a bare chain, an announcement to 10,000 outlets by 100 robots, and the confirm page.

The chat service is a fake on loopback, in a process of its own. It speaks LINE's protocol, whose window takes 2,000
messages a second: the work of this product is measured, and no service's limit.
"""

import json
import multiprocessing
import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import httpx

from bench import bare_chain
from bench.chat_service import ChatService, chat_service
from bench.figures import Figure, at_most, limited, percentile, told
from bench.queues import wait_until_idle
from bench.rig import Rig
from demo import pizzaplace
from demo.pizzaplace import CHAIN
from functions.outlets import api as outlets_api
from functions.outlets import confirm_orders, on_order
from functions.outlets.send_due_notices import send_due_notices
from functions.outlets.sending.sender import send_round
from ops.migrate import open_database
from shared.contracts.ids import new_id
from shared.contracts.messages import read_message
from shared.spine import entry
from shared.spine.clock import utc_now
from shared.spine.env import Environment
from shared.spine.http import app_maker
from shared.spine.settings import Settings
from stack.gateway_event import Context, answer_of, event
from stack.signed_requests import Caller
from stack.stack import Stack

ORDERS, WARM = 40, 5
PATIENCE = 60.0
MOST_TIMES_BARE = 1.5
IN_PROCESS = "order placed until its message is at the service; the floor is a bare chain in one process"
TO_FUNCTION = "the floor is a bare chain whose second half is a function that the queue wakes"
CALM_SECONDS = 0.5
OUTLETS, ROBOTS = 10_000, 100
# The timer's runs are a minute long. Here they are short, so that the end is seen.
TIMER_RUN = timedelta(seconds=1)
MOST_SECONDS, MOST_STATEMENTS, MOST_TIMES_IDLE = 300, 6, 2
PAGES_A_SECOND, PAGE_SECONDS, MOST_PAGE_MS = 50, 10, 50
STORE = "harbour"
ADD_OUTLET = """
    INSERT INTO outlets (store_id, chain_id, settings, enabled, revision)
    VALUES (%(store)s, %(chain)s, %(settings)s, %(enabled)s, %(revision)s)"""
ADD_CHAT = """
    INSERT INTO outlet_chats (store_id, place, robot_key, address, state)
    VALUES (%(store)s, %(place)s, %(robot)s, %(address)s, %(state)s)"""
ADD_ROBOT = f"""
    INSERT INTO outlet_robots (robot_key, chain_id, kind, settings, credentials, enabled, revision, state)
    SELECT CONCAT('{CHAIN}:bench', %(number)s), chain_id, kind, settings, credentials, 1, 1, state FROM outlet_robots
    WHERE robot_key = '{CHAIN}:bench'"""  # noqa: S608 - of constants
QUESTIONS = "SHOW GLOBAL STATUS LIKE 'Questions'"
SENT = "SELECT COUNT(*) FROM outlet_messages WHERE kind = 'announcement' AND state = 'sent'"
LEFT = "SELECT COUNT(*) FROM outlet_messages WHERE state IN ('waiting', 'sending')"
BODIES = "SELECT body FROM messages WHERE type = 'order.placed' ORDER BY id"


def bench(stack: Stack, rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """The chain through the local stack; then the engine over a database of its own."""
    with chat_service("line") as service:
        yield from _chain(stack, rig_of(), service)
    with chat_service("line", enforce=False) as service:
        yield from _announcement(rig_of(), service)


# Order placed → message, through the local stack


def _chain(stack: Stack, rig: Rig, service: ChatService) -> Iterator[Figure]:
    """Rounds of an order and of both bare chains, one after another."""
    place = _Outlet(stack, service)
    bare_chain.create_table(rig)
    with (
        bare_chain.in_process(stack, rig, service, _chat(1)) as process,
        bare_chain.to_function(stack, rig, service, _chat(2)) as function,
    ):

        def one_of_each(name: str) -> tuple[tuple[float, float], ...]:
            # The consumers of an order, such as printing and tags, have ended before the next one is measured.
            wait_until_idle(stack, CALM_SECONDS)
            return (process(), function(), place.order(name))

        for number in range(WARM):
            one_of_each(f"w{number}")
        rounds = [one_of_each(f"o{number}") for number in range(ORDERS)]
    for at, part in enumerate(("from_begin", "from_201")):
        of_process, of_function, ours = ([each[at] * 1000 for each in side] for side in zip(*rounds, strict=True))
        floors = {"p50": (of_process, IN_PROCESS), "function_p50": (of_function, TO_FUNCTION)}
        for name, (floor, note) in floors.items():
            yield replace(at_most(f"outlets.{part}_{name}", "ms", ours, floor, MOST_TIMES_BARE), note=note)
        yield told(f"outlets.{part}_p95", percentile(ours, 95), "ms")


class _Outlet:
    """A store whose orders go into a chat of the fake."""

    def __init__(self, stack: Stack, service: ChatService) -> None:
        self._service = service
        base, keys = stack.place.http, stack.place.keys
        self._head_office = Caller(base, keys["head_office"])
        self._put(f"/v1/stores/{STORE}", pizzaplace.settings_of(STORE))
        self._put(f"/v1/stores/{STORE}/menu", pizzaplace.menu())
        for target, body in _set_up(service, base):
            self._put(target, body)
        self._sales = iter(pizzaplace.sales())

    def order(self, source: str) -> tuple[float, float]:
        """Seconds from the begin of the request, and from its 201, until the message is at the service."""
        body = pizzaplace.order_of(next(self._sales), STORE, source=f"chat-{source}-{uuid.uuid4().hex[:6]}")
        count_before, began = len(self._service.of_chat(_chat(0))), time.monotonic()
        self._head_office("POST", "/v1/orders", body, key=f"{source}-{uuid.uuid4().hex}").raise_for_status()
        placed = time.monotonic()
        arrived_at = bare_chain.wait_for_arrival(self._service, _chat(0), count_before)
        return arrived_at - began, max(0.001, arrived_at - placed)

    def _put(self, target: str, body: Any) -> None:
        self._head_office("PUT", target, body).raise_for_status()


def _set_up(service: ChatService, base: str) -> list[tuple[str, dict[str, Any]]]:
    """The requests that make a store an outlet."""
    rules = {"link_base": base, "sources": ["till"], "wait_for_payment": False, "quiet_from": None, "quiet_until": None}
    robot = {"channel": service.channel, "settings": service.settings, "credentials": service.secrets}
    return [
        (f"/v1/outlets/rules?chain={CHAIN}", rules),
        (f"/v1/outlets/robots/bench?chain={CHAIN}", robot),
        (f"/v1/outlets/stores/{STORE}?chain={CHAIN}", {"chats": [{"robot": "bench", "address": _chat(0)}]}),
    ]


def _chat(number: int) -> str:
    return f"C{number:032}"


def _execute(rig: Rig, statement: str, rows: list[dict[str, Any]] | None = None) -> None:
    connection = open_database(rig.url)
    with connection.cursor() as cursor:
        if rows is None:
            cursor.execute(statement)
        else:
            cursor.executemany(statement, rows)
    connection.commit()
    connection.close()


# The announcement, and orders meanwhile


def _announcement(rig: Rig, service: ChatService) -> Iterator[Figure]:
    """One worker announces, as the timer does. Orders come by another one, as the queue's consumer."""
    env = Environment(replace(rig.settings, stage="local"))
    rig.open_stores()
    for target, body in _set_up(service, "http://127.0.0.1"):
        _ask(env, rig, "PUT", target, body)
    _add_outlets(rig)
    rig.take(rig.posts(pizzaplace.sales()[:1]))
    message = json.loads(rig.count(BODIES))
    for _ in range(WARM):
        _order(env, message, service)
    idle = [_order(env, message, service) for _ in range(ORDERS)]
    before = int(_questions(rig))
    _ask(env, rig, "POST", f"/v1/outlets/announcements?chain={CHAIN}", {"texts": {"en": "We close at 20:00 today."}})
    began, during, took = time.monotonic(), [], 0.0
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        worker = pool.apply_async(_announce, (env.settings,))
        while not worker.ready():
            during.append(_order(env, message, service))
            time.sleep(0.5)
        took = worker.get()
    statements = int(_questions(rig)) - before
    sent = int(rig.count(SENT))
    if sent != OUTLETS or len({arrival.chat for arrival in service.arrivals}) != OUTLETS:
        raise AssertionError(f"{sent} of {OUTLETS} outlets have the announcement")
    yield replace(limited("outlets.announced", took, "s", MOST_SECONDS), note=f"{OUTLETS:,} outlets, {ROBOTS} robots")
    note = f"orders meanwhile included: {len(during)}"
    yield replace(limited("outlets.statements", statements / OUTLETS, "an outlet", MOST_STATEMENTS), note=note)
    busy, quiet = percentile(during, 95) * 1000, percentile(idle, 95) * 1000
    yield replace(
        at_most("outlets.orders_meanwhile_p95", "ms", [busy], [quiet], MOST_TIMES_IDLE), note="the floor: idle"
    )
    yield told("outlets.begin_to_end", time.monotonic() - began, "s", "with the start of the worker")
    yield from _page(env, service)
    env.close()


def _announce(settings: Settings) -> float:
    """In a process of its own, as the timer runs it: seconds until all outlets have the announcement."""
    os.environ["LOG_LEVEL"] = "WARNING"
    env = Environment(settings)
    began = time.monotonic()
    while True:
        send_due_notices(env, env.clock() + TIMER_RUN)
        with env.db.statements() as statements:
            [row] = statements.rows(LEFT)
        if not next(iter(row.values())):
            return time.monotonic() - began


def _add_outlets(rig: Rig) -> None:
    """Copies of the first outlet, each with a chat of one of the robots."""
    settings = rig.count(f"SELECT settings FROM outlets WHERE store_id = '{CHAIN}:{STORE}'")  # noqa: S608
    stores = [f"{CHAIN}:o{number:05}" for number in range(1, OUTLETS)]
    outlet = {"chain": CHAIN, "settings": settings, "enabled": 1, "revision": 1}
    _execute(rig, ADD_OUTLET, [outlet | {"store": store} for store in stores])
    chats = [
        {
            "store": store,
            "place": 0,
            "robot": f"{CHAIN}:bench{at % ROBOTS}",
            "address": _chat(at + 10),
            "state": "alive",
        }
        for at, store in enumerate(stores)
    ]
    _execute(rig, ADD_CHAT, chats)
    # All speak to the same service.
    _execute(rig, ADD_ROBOT, [{"number": number} for number in range(ROBOTS)])


def _order(env: Environment, message: dict[str, Any], service: ChatService) -> float:
    """Seconds from the message about an order until its notice is at the service."""
    now = utc_now()
    order_id, known = new_id(now), len(service.of_chat(_chat(0)))
    order = message["data"]["order"] | {"id": order_id}
    body = message | {"id": new_id(now), "time": now.isoformat(), "subject": f"order/{order_id}"}
    body["data"] = message["data"] | {"order": order}
    began = time.monotonic()
    on_order.tell_outlet(read_message(json.dumps(body), on_order.OrderMoved), env)
    until = began + PATIENCE
    while time.monotonic() < until:
        if len(arrivals := service.of_chat(_chat(0))) > known:
            return arrivals[known].at - began
        send_round(env)
    raise AssertionError("the order's message did not come")


def _ask(env: Environment, rig: Rig, method: str, target: str, body: Any) -> None:
    handler = entry.http(app_maker("outlets", outlets_api.OPERATIONS))
    with mock.patch.object(entry, "environment", return_value=env):
        reply = answer_of(handler(rig.event(method, target, body, key=uuid.uuid4().hex), Context()))
    if reply.status not in (200, 201):
        raise AssertionError(reply.text)


def _questions(rig: Rig) -> str:
    connection = open_database(rig.url)
    with connection.cursor() as cursor:
        cursor.execute(QUESTIONS)
        row = cursor.fetchone()
    connection.close()
    return str(row[1]) if row else "0"


# The page


def _page(env: Environment, service: ChatService) -> Iterator[Figure]:
    """Looks at the page of one order in the handler, 50 each second."""
    link = service.of_chat(_chat(0))[-1].links[0]
    target = "/outlets/confirm/" + link.rpartition("/")[2]
    handler = entry.http(confirm_orders.make_app)
    request = event("GET", target, {"host": "outlets.example.com"}, b"")
    times, size = [], 0
    with mock.patch.object(entry, "environment", return_value=env):
        for _ in range(WARM):
            handler(request, Context())
        begin = time.monotonic()
        for number in range(PAGES_A_SECOND * PAGE_SECONDS):
            time.sleep(max(0.0, begin + number / PAGES_A_SECOND - time.monotonic()))
            before = time.monotonic()
            reply = answer_of(handler(request, Context()))
            times.append((time.monotonic() - before) * 1000)
            size = max(size, len(reply.text.encode()))
            if reply.status != httpx.codes.OK or "<form" not in reply.text:
                raise AssertionError(reply.text[:200])
    figure = limited("outlets.confirm_page_p95", percentile(times, 95), "ms", MOST_PAGE_MS)
    yield replace(figure, note=f"in the handler, {len(times)} looks at {PAGES_A_SECOND}/s")
    yield told("outlets.confirm_page_p50", statistics.median(times), "ms")
    yield told("outlets.confirm_page_size", size, "bytes", "with its styles")
