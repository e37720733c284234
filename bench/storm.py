"""Five hundred stores lose their agents' connections at once, while orders come in; how soon all is as it was."""

import asyncio
import contextlib
import itertools
import os
import random
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from bench.figures import Figure, exactly, limited, told
from demo import pizzaplace
from dumbwaiter_agent.clock import RelayClock
from dumbwaiter_agent.connection import Connection, NotConnected
from dumbwaiter_agent.credentials import Identity
from dumbwaiter_agent.link import Delivered, Event
from dumbwaiter_agent.relays import Relays
from shared.contracts.ids import store_key
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.simulators.proxy import Proxy

STORES = int(os.environ.get("STORES", "500"))
ORDERS_A_SECOND = 3
GIVEN_UP_SECONDS = 120
PRINT_SECONDS = 0.5
# Two jobs an order, so that there is an order to keep.
ROUTING = {
    "stations": [{"id": "kitchen_hot", "name": "Oven", "printer": "kitchen", "copies": 2}],
    "patience": {"kitchen": 7_200},
}
ITEM = {"id": "tea", "name": "Tea", "category": "drink", "station": "kitchen_hot", "price": 400}
READY = {"printer": "kitchen", "state": "ready", "paper": "ok", "cover": "closed", "error": "none", "proof": "echo"}
HELLO = {"agent": "0.1.0", "capabilities": ["parts", "confirm", "mark", "bundle"], "printers": [READY]}


@dataclass
class Agent:
    """An agent on the wire: its own connection, waits and frames; of a ticket it keeps the `seq`."""

    identity: Identity
    url: str
    journal: str = field(default_factory=lambda: uuid.uuid4().hex)
    seqs: dict[str, int] = field(default_factory=dict)
    welcomed: asyncio.Event = field(default_factory=asyncio.Event)
    printer: asyncio.Lock = field(default_factory=asyncio.Lock)
    printing: set["asyncio.Task[None]"] = field(default_factory=set)

    async def run(self) -> None:
        """Connected, whenever it can be. It has just lost a connection that stood."""
        relays, now = Relays([self.url], jitter=random.random), time.monotonic
        while True:
            relays.lost(self.url, now(), 3600)
            while (connection := await self._connected(relays)) is None:
                pass
            self.welcomed.set()
            await connection.ended.wait()
            self.welcomed.clear()

    async def _connected(self, relays: Relays) -> Connection | None:
        _, wait = relays.choose(time.monotonic())
        await asyncio.sleep(wait)
        cursor = {"kitchen": max(self.seqs.values())} if self.seqs else {}
        connection = Connection(self.url, HELLO | {"journal": self.journal, "cursor": cursor}, self._on)
        try:
            await connection.open(self.identity, RelayClock(), None)
        except NotConnected as error:
            (relays.refused if error.refused else relays.failed)(self.url, time.monotonic())
            return None
        return connection

    async def _on(self, connection: Connection, event: Event) -> None:
        if isinstance(event, Delivered):
            connection.send({"type": "ack", "job": event.job.id})
            if event.job.id not in self.seqs:
                self.seqs[event.job.id] = event.job.seq
                printing = asyncio.create_task(self._print(connection, event.job.id))
                self.printing.add(printing)
                printing.add_done_callback(self.printing.discard)

    async def _print(self, connection: Connection, job: str) -> None:
        async with self.printer:
            began = time.time()
            connection.send({"type": "progress", "job": job, "state": "printing", "at": began})
            await asyncio.sleep(PRINT_SECONDS)
            result = {"type": "result", "job": job, "state": "printed", "evidence": "A", "at": time.time()}
            connection.send(result | {"began": began, "copies": 1})


def bench(stack: Stack, call: Caller) -> Iterator[Figure]:
    """Seconds until every agent is welcomed again and has its backlog; orders refused meanwhile."""
    stores = [f"storm-{number}-{uuid.uuid4().hex[:6]}" for number in range(STORES)]
    with ThreadPoolExecutor(8) as pool:
        identities = list(pool.map(lambda store: _enrol(call, store), stores))
    yield from asyncio.run(_storm(stack, call, identities))


def _enrol(call: Caller, store: str) -> Identity:
    for target, body in {
        f"/v1/stores/{store}": pizzaplace.settings_of("harbour"),
        f"/v1/stores/{store}/menu": {"items": [ITEM]},
        f"/v1/printing/stores/{store}/routing": ROUTING,
    }.items():
        call("PUT", target, body).raise_for_status()
    code = call("POST", "/v1/printing/codes", {"store": store}).raise_for_status().json()["code"]
    key = os.urandom(32)
    body = {"code": code, "key": urlsafe_b64encode(key).decode(), "name": "till", "agent": "0.1.0", "protocol": 1}
    reply = call("POST", "/v1/printing/enrolments", body).raise_for_status().json()
    return Identity(reply["agent"], key, store, ())


async def _storm(stack: Stack, call: Caller, identities: list[Identity]) -> list[Figure]:
    stores = [identity.store for identity in identities]
    async with Proxy(stack.place.websocket or "") as network:
        agents = [Agent(identity, network.url) for identity in identities]
        await _stop(await _arrive(agents))
        network.cut()
        with ThreadPoolExecutor(8) as pool:
            statuses = await asyncio.to_thread(lambda: list(pool.map(lambda store: _order(call, store), stores)))
        assert all(status == 201 for status in statuses), "an order of the backlog was refused"  # noqa: PLR2004
        await _queued(stack, stores, 2 * len(stores))
        for agent in agents:
            agent.welcomed.clear()
        over = asyncio.Event()
        ordering = asyncio.create_task(_keep_ordering(call, stores, over))
        began = time.perf_counter()
        running = [asyncio.create_task(agent.run()) for agent in agents]
        try:
            welcomed = await _until_all(lambda agent: agent.welcomed.is_set(), agents, began)
            backlog = await _until_all(lambda agent: len(agent.seqs) >= 2, agents, began)  # noqa: PLR2004 - of one order
        finally:
            over.set()
            statuses = await ordering
            await _stop(running)
    missing = [agent for agent in agents if len(agent.seqs) < 2]  # noqa: PLR2004 - of one order
    disordered = [agent for agent in agents if list(agent.seqs.values()) != sorted(agent.seqs.values())]
    refused = [status for status in statuses if status != 201]  # noqa: PLR2004 - created
    return [
        told("printing.storm_welcomed", welcomed, "s", f"{len(agents)} agents"),
        limited("printing.storm_backlog", backlog, "s until all have their backlog too", 60),
        exactly("printing.storm_missing", len(missing), f"agents after {backlog:.0f} s", 0),
        exactly("printing.storm_disordered", len(disordered), "agents", 0),
        exactly("printing.storm_refused", len(refused), f"of {len(statuses)} orders meanwhile", 0),
    ]


async def _arrive(agents: list[Agent]) -> list["asyncio.Task[None]"]:
    running = [asyncio.create_task(agent.run()) for agent in agents]
    await _until_all(lambda agent: agent.welcomed.is_set(), agents, time.perf_counter())
    return running


async def _until_all(met: Any, agents: list[Agent], began: float) -> float:
    """Seconds since it began; a little over `GIVEN_UP_SECONDS` where it has not come to pass."""
    while not all(map(met, agents)) and time.perf_counter() - began < GIVEN_UP_SECONDS:  # noqa: ASYNC110 - of hundreds
        await asyncio.sleep(0.05)
    return time.perf_counter() - began


async def _stop(running: list["asyncio.Task[None]"]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _queued(stack: Stack, stores: list[str], jobs: int) -> None:
    """Until every order of the backlog has its jobs."""
    keys = tuple(store_key(pizzaplace.CHAIN, store) for store in stores)

    def count() -> int:
        with stack.db.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM print_jobs WHERE store_id IN %s", (keys,))
            [(job_count,)] = cursor.fetchall()
        return int(job_count)

    async with asyncio.timeout(GIVEN_UP_SECONDS):
        while await asyncio.to_thread(count) < jobs:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.5)


async def _keep_ordering(call: Caller, stores: list[str], over: asyncio.Event) -> list[int]:
    """The status of each order that was posted meanwhile."""
    posts: list[asyncio.Task[int]] = []
    for store in itertools.cycle(random.sample(stores, len(stores))):
        posts.append(asyncio.create_task(asyncio.to_thread(_order, call, store)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1 / ORDERS_A_SECOND):
                await over.wait()
        if over.is_set():
            break
    return list(await asyncio.gather(*posts))


def _order(call: Caller, store: str) -> int:
    number = uuid.uuid4().hex
    body = {
        "store": store, "source": {"kind": "till", "id": store, "number": number}, "service": "takeaway",
        "lines": [{"item": "tea", "quantity": 1, "unit_price": 400}], "total": 400, "currency": pizzaplace.CURRENCY,
        "payments": [{"reference": number, "method": "cash", "amount": 400}],
    }  # fmt: skip
    return int(call("POST", "/v1/orders", body, key=number).status_code)
