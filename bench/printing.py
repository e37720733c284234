"""From an order to its paper through the local stack, what a till pays for it, and five hundred stores coming back."""

import asyncio
import itertools
import json
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bench import storm
from bench.bare_function import create_function, create_queue, feed
from bench.figures import Figure, limited, percentile, told
from demo import pizzaplace
from demo.printers import ROUTING
from dumbwaiter_agent import credentials
from dumbwaiter_agent.clock import RelayClock
from dumbwaiter_agent.connection import dial
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.simulators.agent_process import AgentProcess
from tests.simulators.footprint import measure
from tests.simulators.print_store import enrolled
from tests.simulators.printer import Printer
from tests.support.waiting import until

Found = TypeVar("Found")
# Orders a second → how many.
RATES = {1: 40, 10: 200}
ROUNDS = 4
STORES = 4
TIMES_OUT_OF_PAPER = 15
KITCHEN = {"stations": ROUTING["stations"][:1]}
PAID_AT = "SELECT subject, occurred_at FROM messages WHERE type = 'order.paid' AND subject IN %s"
# The least that can be between a queue and a socket: no database, no SDK, one call of @connections. And a line in the
# log: the emulator keeps the worker of a silent function for 50 ms.
FLOOR = """
import json, urllib.request
def handler(event, context):
    for record in event["Records"]:
        said = json.loads(record["body"])
        urllib.request.urlopen(urllib.request.Request(said["url"], said["text"].encode(), method="POST")).read()
    print("pushed")
"""


def bench(stack: Stack) -> Iterator[Figure]:
    """Order → paper, paper out → head office, the agent's appetite, the storm."""
    head_office = Caller(stack.place.http, stack.place.keys["head_office"], timeout=60)
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_store(stack, head_office, Path(folder)))
    yield from _footprint()
    yield from storm.bench(stack, head_office)


async def _store(stack: Stack, call: Caller, folder: Path) -> list[Figure]:
    async with _open(stack, call, folder) as site:
        figures: list[Figure] = []
        for rate, count in RATES.items():
            seconds: list[tuple[float, float]] = []
            floors: list[float] = []
            for _ in range(ROUNDS):
                seconds += await site.orders(rate, count // ROUNDS)
                floors += await site.pushes(rate, count // ROUNDS)
            accepted, begun_seconds = zip(*seconds, strict=True)
            figures += _latency(f"printing.{rate}_a_second", accepted, floors)
            figures += _latency(f"printing.{rate}_a_second_since_begun", begun_seconds, floors)
        return [*figures, *await site.out_of_paper()]


def _latency(name: str, seconds: Sequence[float], floors: Sequence[float]) -> Iterator[Figure]:
    for share in (50, 95, 99):
        value, floor = (round(percentile(times, share) * 1000, 1) for times in (seconds, floors))
        ratio = round(value / floor, 3)
        bar, ok = ("≤ 1.5 × floor", ratio <= 1.5) if share == 50 else (None, None)  # noqa: PLR2004 - the bar is p50's
        yield Figure(f"{name}_p{share}", value, "ms", floor, ratio, bar, ok, f"{len(seconds)} orders")


@dataclass
class Site:
    """Stores that print, and a bare queue → function → push beside them. `status_printer`: one more printer."""

    stack: Stack
    call: Caller
    printers: dict[str, Printer]
    status_printer: Printer
    queue: str
    push_url: str
    arrived: dict[str, float]
    sales: Iterator[pizzaplace.Sale] = field(default_factory=lambda: iter(pizzaplace.sales()))

    @property
    def store(self) -> str:
        return next(iter(self.printers))

    async def orders(self, rate: int, count: int) -> list[tuple[float, float]]:
        """Seconds of each order to its ticket's last byte: since the till had its 201, since its transaction began.

        The transaction's begin is the time that the order's message bears: before anything of it is on the disk.
        """
        sales = [next(self.sales) for _ in range(count)]
        stores = itertools.cycle(self.printers)
        latencies = await _at(rate, [partial(self._order, sale, next(stores)) for sale in sales])
        numbers = {number: order for order, (number, _) in latencies.items()}
        cut: dict[str, float] = {}

        def all_cut() -> bool:
            for ticket in itertools.chain.from_iterable(printer.paper for printer in self.printers.values()):
                cut.update({numbers[word]: ticket.cut_at for word in ticket.text.split() if word in numbers})
            return len(cut) == count

        await until(all_cut)
        for printer in self.printers.values():
            printer.paper.clear()
        paid_at = await asyncio.to_thread(self._paid_at, list(cut))
        return [(at - latencies[order][1], at - paid_at[order]) for order, at in cut.items()]

    def _order(self, sale: pizzaplace.Sale, store: str) -> tuple[str, tuple[str, float]]:
        body = pizzaplace.order_of(sale, store)
        del body["placed_at"], body["guest"]
        reply = self.call("POST", "/v1/orders", body).raise_for_status()
        replied = time.time()
        return reply.json()["id"], (sale.number, replied)

    def _paid_at(self, orders: list[str]) -> dict[str, float]:
        subjects = [f"order/{order}" for order in orders]
        with self.stack.db.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute(PAID_AT, (subjects,))
            return {subject.removeprefix("order/"): at.replace(tzinfo=UTC).timestamp() for subject, at in cursor}

    async def pushes(self, rate: int, count: int) -> list[float]:
        """Seconds from each message's being sent to the queue to its frame at the client."""
        sqs = self.stack.emulator.client("sqs")

        def send(name: str) -> tuple[str, float]:
            at = time.time()
            sqs.send_message(QueueUrl=self.queue, MessageBody=json.dumps({"url": self.push_url, "text": name}))
            return name, at

        names = [uuid.uuid4().hex for _ in range(count)]
        sent = await _at(rate, [partial(send, name) for name in names])
        await until(lambda: sent.keys() <= self.arrived.keys())
        return [self.arrived[name] - at for name, at in sent.items()]

    async def out_of_paper(self) -> list[Figure]:
        """Seconds from the printer's last paper to head office's view of it."""
        reporting = [
            await self._seconds_until_known("kitchen", self.printers[self.store]) for _ in range(TIMES_OUT_OF_PAPER)
        ]
        asked_seconds = [
            await self._seconds_until_known("asked", self.status_printer) for _ in range(TIMES_OUT_OF_PAPER)
        ]
        return [
            limited("printing.paper_out", max(reporting), "s at most", 2),
            told("printing.paper_out_p50", percentile(reporting, 50), "s"),
            limited(
                "printing.paper_out_asked", max(asked_seconds), "s at most, of a printer that says nothing unasked", 2
            ),
            told("printing.paper_out_asked_p50", percentile(asked_seconds, 50), "s"),
        ]

    async def _seconds_until_known(self, name: str, printer: Printer) -> float:
        printer.run_out()
        took = await self.until(name, "out")
        printer.new_paper()
        await self.until(name, "ok")
        return took

    async def until(self, name: str, expected: str) -> float:
        began = time.perf_counter()
        async with asyncio.timeout(30):
            while (await asyncio.to_thread(self._paper, name)) != expected:  # noqa: ASYNC110 - head office has to look
                await asyncio.sleep(0.01)
        return time.perf_counter() - began

    def _paper(self, name: str) -> Any:
        reply = self.call("GET", f"/v1/printing/stores/{self.store}/printers").raise_for_status().json()
        return next(printer["paper"] for printer in reply["printers"] if printer["id"] == name)


async def _at(rate: int, calls: Sequence[Callable[[], tuple[str, Found]]]) -> dict[str, Found]:
    """Make the calls so many a second, in threads of their own."""
    tasks = []
    start = time.perf_counter()
    for number, call in enumerate(calls):
        await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(asyncio.to_thread(call)))
    return dict(await asyncio.gather(*tasks))


@asynccontextmanager
async def _open(stack: Stack, call: Caller, folder: Path) -> AsyncIterator[Site]:
    async with AsyncExitStack() as exits:
        status_printer = await exits.enter_async_context(Printer())
        status_printer.reports_changes = False
        printers: dict[str, Printer] = {}
        for number in range(STORES):
            store = f"bench-{uuid.uuid4().hex[:8]}"
            for target, body in {
                f"/v1/stores/{store}": pizzaplace.settings_of("harbour"),
                f"/v1/stores/{store}/menu": pizzaplace.menu(),
                f"/v1/printing/stores/{store}/routing": KITCHEN,
            }.items():
                call("PUT", target, body).raise_for_status()
            printers[store] = await exits.enter_async_context(Printer())
            addresses = {"kitchen": printers[store].address} | ({} if number else {"asked": status_printer.address})
            config = enrolled(folder / store, call, store, addresses)
            await exits.enter_async_context(AgentProcess(config))
        site = Site(
            stack, call, printers, status_printer, *await exits.enter_async_context(_floor(stack, call, folder))
        )
        await asyncio.sleep(3)
        await asyncio.gather(*(site.until(name, "ok") for name in ("kitchen", "asked")))
        await site.orders(2, 16)  # cold starts are measured elsewhere
        await site.pushes(2, 10)
        yield site


@asynccontextmanager
async def _floor(stack: Stack, call: Caller, folder: Path) -> AsyncIterator[tuple[str, str, dict[str, float]]]:
    """(queue, address to push to, when each text arrived)."""
    store = f"floor-{uuid.uuid4().hex[:8]}"
    call("PUT", f"/v1/stores/{store}", pizzaplace.settings_of("harbour")).raise_for_status()
    enrolled(folder / "floor", call, store, {})
    identity = credentials.load(folder / "floor/data")
    socket = await dial(stack.place.websocket or "", identity, RelayClock(), None)
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM print_connections WHERE agent_id = %s", (identity.agent,))
        [(connection_id,)] = cursor.fetchall()
    arrived: dict[str, float] = {}

    async def listen() -> None:
        while True:
            name = str(await socket.recv())
            arrived[name] = time.time()

    listening = asyncio.create_task(listen())
    try:
        address = "http" + (stack.place.websocket or "").removeprefix("ws")
        yield _floor_queue(stack), f"{address}/@connections/{connection_id}", arrived
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await socket.close()


def _floor_queue(stack: Stack) -> str:
    url, arn = create_queue(stack, "bench-floor")
    create_function(stack, "bench-floor", FLOOR)
    feed(stack, arn, "bench-floor")
    return url


def _footprint() -> Iterator[Figure]:
    """The agent as a program of its own, with four printers."""
    for cost in asyncio.run(measure(seconds=20, rate=10, printers=4)):
        name = f"printing.agent_{cost.when}"
        yield limited(f"{name}_memory", cost.resident, "MB resident", 60)
        yield told(f"{name}_cpu", 100 * cost.share, "% of a core")
