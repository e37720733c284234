"""Real orders, printed through the deployed stack while everything that can fail does; the paper is the judge.

`python -m tests.simulators.print_drill --orders 1000 --stores 4 --seeds 20` prints what each seed came to.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from demo import pizzaplace
from shared.contracts.ids import store_key
from stack.cloudformation import SERVICE, STAGE
from stack.signed_requests import Caller
from stack.stack import Stack
from stack.terminal import say
from tests.simulators.agent_process import AgentProcess
from tests.simulators.drill_report import ENDED, Report, judge
from tests.simulators.print_store import enrolled
from tests.simulators.printer import Printer, Ticket
from tests.simulators.proxy import Proxy
from tests.support.processes import mentioning
from tests.support.waiting import on_this_machine

# A drill has no time to wait as long as a store would.
QUICK = "poll = 0.1\nanswer = 0.3\npatience = {proof = 1.0, grace = 0.2, hold = 6.0, settle = 0.05}"
STATIONS = {"chicken": "p1", "classic": "p2", "supreme": "p3", "veggie": "p3"}
# A job that has not ended by so long after the last one that did never will.
FINISH_SECONDS = 90
ORDERS_A_FAULT = (1, 5)
# So many orders may have open jobs: what fails then fails all the way through, and not just while orders come in.
OPEN_ORDERS = 40
VISIBILITY_SECONDS = 15
TIMERS_SECONDS = 5
HEARTBEAT_SECONDS = 5
OFFLINE_SECONDS = 2 * HEARTBEAT_SECONDS + 5
TILL = "till-"
CHECKOUT = f"{SERVICE}-{STAGE}"
SELECT_JOBS = "SELECT id, order_id, printer, state, copies, attention, resolution FROM print_jobs WHERE store_id IN %s"


@dataclass
class Till:
    """A till's agent, and the network between it and the relay."""

    agent: AgentProcess
    proxy: Proxy
    dying: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Kitchen:
    """A store with its printers, and the tills that reach them: every second store has two."""

    id: str
    printers: dict[str, Printer]
    tills: list[Till]


class Drill:
    """One seed's run against a stack that is up. `workers`: the functions whose processes may be killed."""

    workers: tuple[str, ...] = ("printing_ws_message", "printing_on_order_paid", "printing_send_due_jobs")

    def __init__(self, stack: Stack, folder: Path, seed: int) -> None:
        self.stack, self.folder, self.seed = stack, folder, seed
        self.place = stack.place
        self.call = Caller(self.place.http, self.place.keys["head_office"])
        self.chance = random.Random(seed)
        self.report = Report(seed)
        self.kitchens: list[Kitchen] = []
        self.numbers: dict[str, str] = {}  # order → what its tickets are known by
        self.healing: set[asyncio.Task[None]] = set()
        self.over = threading.Event()

    async def run(self, orders: int, stores: int) -> Report:
        began = time.monotonic()
        async with AsyncExitStack() as exits:
            exits.callback(self.over.set)
            for number in range(stores):
                self.kitchens.append(await self._open(exits, number))
            await asyncio.sleep(2)
            posting = asyncio.create_task(asyncio.to_thread(self._post, orders))
            ticking = asyncio.create_task(self._tick())
            next_fault = 0
            while not posting.done():
                if self.report.orders >= next_fault:
                    next_fault = self.report.orders + self.chance.randint(*ORDERS_A_FAULT)
                    self._fault()
                await asyncio.sleep(0.05)
            await posting
            await asyncio.gather(*self.healing)
            self._heal()
            await self._finish()
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)
            judge(self.report, self.numbers, self._paper(), self._jobs(), self._alerted())
        self.call.http.close()
        self.report.seconds = time.monotonic() - began
        return self.report

    # The stores

    async def _open(self, exits: AsyncExitStack, number: int) -> Kitchen:
        store = f"drill-{self.seed}-{number}-{os.getpid()}"
        printers = {name: await exits.enter_async_context(Printer()) for name in sorted(set(STATIONS.values()))}
        addresses = {name: printer.address for name, printer in printers.items()}
        await asyncio.to_thread(self._set_up, store)
        kitchen = Kitchen(store, printers, [])
        for till in range(1 + number % 2):
            proxy = await exits.enter_async_context(Proxy(self.place.websocket or ""))
            folder = self.folder / store / f"{TILL}{till}"
            config = await asyncio.to_thread(enrolled, folder, self.call, store, addresses, proxy.url, QUICK)
            kitchen.tills.append(Till(await exits.enter_async_context(AgentProcess(config)), proxy))
        return kitchen

    def _set_up(self, store: str) -> None:
        settings = pizzaplace.settings_of("harbour") | {"name": store}
        menu = pizzaplace.menu()
        for item in menu["items"]:
            del item["station"]
        stations: dict[str, dict[str, Any]] = {}
        for category, printer in STATIONS.items():
            station = {"id": printer, "name": printer, "printer": printer, "categories": []}
            stations.setdefault(printer, station)["categories"].append(category)
        patience = {"kitchen": 3600, "person": 60}
        routing = {"stations": list(stations.values()), "heartbeat": HEARTBEAT_SECONDS, "patience": patience}
        for target, body in {
            f"/v1/stores/{store}": settings, f"/v1/stores/{store}/menu": menu,
            f"/v1/printing/stores/{store}/routing": routing,
        }.items():  # fmt: skip
            self.call("PUT", target, body).raise_for_status()

    # The orders

    def _post(self, orders: int) -> None:
        sales = pizzaplace.sales()
        first = self.chance.randrange(len(sales) - orders)
        for number, sale in enumerate(sales[first : first + orders]):
            while number % 10 == 0 and not self.over.is_set() and self._open_orders() > OPEN_ORDERS:
                self.over.wait(0.5)
            if self.over.is_set():
                return
            store = self.kitchens[number % len(self.kitchens)].id
            number_on_paper = f"D{self.seed:02}{number:05}"
            body = pizzaplace.order_of(sale, store)
            body["source"] |= {"number": number_on_paper}
            del body["placed_at"], body["guest"]
            for _ in range(20):
                try:
                    reply = self.call("POST", "/v1/orders", body, key=number_on_paper)
                except httpx.TransportError:
                    continue
                if reply.is_success:
                    break
                time.sleep(0.2)
            self.numbers[reply.json()["id"]] = number_on_paper
            self.report.orders += 1

    # What goes wrong

    def _fault(self) -> None:
        """`faults` counts those that had something to spoil."""
        kitchen = self.chance.choice(self.kitchens)
        printer = self.chance.choice(list(kitchen.printers.values()))
        till = self.chance.choice(kitchen.tills)
        faults: dict[str, Callable[[str], Any]] = {
            "agent killed": partial(self._kill, till),
            "agent killed in mid-ticket": partial(self._kill_in_mid_ticket, till, printer),
            "till away until another takes over": partial(self._take_away, kitchen),
            "socket cut": partial(self._cut, till),
            "socket half open": partial(self._half_open, till),
            "relay worker killed": self._kill_worker,
            "power cut in mid-ticket": partial(self._strike, printer, printer.cut_power, printer.restore_power),
            "paper out in mid-ticket": partial(self._strike, printer, printer.run_out, printer.new_paper),
            "cover open in mid-ticket": partial(self._strike, printer, printer.open_cover, printer.close_cover),
            "jam in mid-ticket": partial(self._strike, printer, printer.jam, partial(printer.jam, jammed=False)),
            "echo lost": partial(self._echo, printer, "lost"),
            "echo late": partial(self._echo, printer, "late"),
            "echo wrong": partial(self._echo, printer, "wrong"),
            "echo of another socket": partial(self._echo, printer, "next socket"),
            "messages again, shuffled": self._publish_again,
        }
        name = self.chance.choice(list(faults))
        if work := faults[name](name):
            self._later(work)

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.healing.add(task)
        task.add_done_callback(self.healing.discard)

    async def _kill(self, till: Till, name: str) -> None:
        async with till.dying:
            await till.agent.kill()
            self.report.faults[name] += 1
            await asyncio.sleep(self.chance.uniform(0.0, 1.0))
            await till.agent.start()

    def _kill_in_mid_ticket(self, till: Till, printer: Printer, name: str) -> None:
        printer.after(self.chance.randrange(20, 250), lambda: self._later(self._kill(till, name)))

    async def _take_away(self, kitchen: Kitchen, name: str) -> None:
        """For longer than it takes to be off line: the other till has the printers then, and this one its old jobs."""
        printing = await asyncio.to_thread(self._printing, kitchen)
        if len(kitchen.tills) == 1 or printing is None:
            return
        async with printing.dying:
            await printing.agent.kill()
            await asyncio.sleep(OFFLINE_SECONDS + 2 * TIMERS_SECONDS)
            self.report.faults[name] += await asyncio.to_thread(self._printing, kitchen) is not printing
            await printing.agent.start()

    def _printing(self, kitchen: Kitchen) -> Till | None:
        agents = self.call("GET", f"/v1/printing/stores/{kitchen.id}/agents").raise_for_status().json()["agents"]
        names = [agent["name"] for agent in agents if agent["printing"]]
        return kitchen.tills[int(names[0].removeprefix(TILL))] if names else None

    def _cut(self, till: Till, name: str) -> None:
        self.report.faults[name] += till.proxy.connected
        till.proxy.cut()

    async def _half_open(self, till: Till, name: str) -> None:
        self.report.faults[name] += till.proxy.connected
        await till.proxy.half_open(2.0)

    def _kill_worker(self, name: str) -> None:
        function = f"{CHECKOUT}-{self.chance.choice(self.workers)}"
        of_this_stack = set(mentioning(str(self.stack.root)))
        killed = 0
        for pid in of_this_stack.intersection(mentioning(f"AWS_LAMBDA_FUNCTION_NAME={function}")):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        self.report.faults[name] += killed > 0

    def _strike(self, printer: Printer, happens: Callable[[], None], heals: Callable[[], None], name: str) -> None:
        """While a ticket is half out, some bytes from now; mended seconds after that."""

        def strike() -> None:
            if not printer.ticket.data:  # between two
                printer.after(10, strike)
                return
            self.report.faults[name] += 1
            happens()
            self._later(self._heal_later(heals, self.chance.uniform(0.5, 3.0)))

        printer.after(self.chance.randrange(20, 250), strike)

    def _echo(self, printer: Printer, how: str, name: str) -> None:
        spoiled = printer.spoiled
        printer.echo, printer.late_seconds = how, 2.0

        def heal() -> None:
            printer.echo = "good"
            self.report.faults[name] += printer.spoiled - spoiled

        self._later(self._heal_later(heal, 1.5))

    @staticmethod
    async def _heal_later(heals: Callable[[], None], seconds: float) -> None:
        await asyncio.sleep(seconds)
        heals()

    async def _publish_again(self, name: str) -> None:
        """The last messages of our orders once more, in another order."""
        self.report.faults[name] += await asyncio.to_thread(self._published_again)

    def _published_again(self) -> bool:
        subjects = tuple(f"order/{order}" for order in list(self.numbers)[-5:])
        if not subjects:
            return False
        with self.stack.db.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id, type, body FROM messages WHERE subject IN %s", (subjects,))
            messages = list(cursor.fetchall())
        self.chance.shuffle(messages)
        sns = self.stack.emulator.client("sns")
        arns = [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
        [topic_arn] = [arn for arn in arns if arn.endswith("-events")]
        for start in range(0, len(messages), 10):
            entries = [
                {
                    "Id": f"m{n}",
                    "Message": body,
                    "MessageAttributes": {"type": {"DataType": "String", "StringValue": kind}},
                }
                for n, (_, kind, body) in enumerate(messages[start : start + 10])
            ]
            sns.publish_batch(TopicArn=topic_arn, PublishBatchRequestEntries=entries)
        return bool(messages)

    def _heal(self) -> None:
        for kitchen in self.kitchens:
            for printer in kitchen.printers.values():
                printer.no_plans()
                printer.echo = "good"
                for heals in (printer.restore_power, printer.new_paper, printer.close_cover):
                    heals()

    # How it ends

    async def _tick(self) -> None:
        """The timers come every few seconds, not every minute."""
        while True:
            await asyncio.to_thread(self._wake_timers)
            await asyncio.sleep(TIMERS_SECONDS)

    async def _finish(self) -> None:
        """Until every job has ended and every order has its jobs."""
        open_orders, until = -1, 0.0
        while open_orders != 0:
            count = await asyncio.to_thread(self._open_orders)
            if count != open_orders:
                open_orders, until = count, time.monotonic() + on_this_machine(FINISH_SECONDS)
            if time.monotonic() > until:
                return
            await asyncio.sleep(2)
            self._heal()

    def _open_orders(self) -> int:
        """Those that have no jobs yet, or one that has not ended."""
        jobs = self._jobs()
        ended = {job["order_id"] for job in jobs} - {job["order_id"] for job in jobs if job["state"] not in ENDED}
        return len(set(self.numbers) - ended)

    def _wake_timers(self) -> None:
        client = self.stack.emulator.client("lambda")
        for name in ("outbox_send_due_messages", "printing_watch_fleet", "printing_send_due_jobs"):
            client.invoke(FunctionName=f"{CHECKOUT}-{name}", InvocationType="Event", Payload=b"{}")

    def _jobs(self) -> list[dict[str, Any]]:
        names = ("id", "order_id", "printer", "state", "copies", "attention", "resolution")
        with self.stack.db.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute(SELECT_JOBS, (self._store_keys(),))
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _store_keys(self) -> tuple[str, ...]:
        return tuple(store_key(pizzaplace.CHAIN, kitchen.id) for kitchen in self.kitchens)

    def _alerted(self) -> set[str]:
        with self.stack.db.owner.connect() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT body FROM messages WHERE type = 'printing.needs_person' AND store_id IN %s",
                (self._store_keys(),),
            )
            return {json.loads(body)["data"]["job"] for (body,) in cursor.fetchall()}

    def _paper(self) -> Iterator[tuple[str, Ticket]]:
        for kitchen in self.kitchens:
            for name, printer in kitchen.printers.items():
                for ticket in [*printer.paper, printer.ticket]:
                    yield name, ticket


def hasten(stack: Stack) -> None:
    """What a killed worker had comes again after seconds, not after the three minutes that production gives it."""
    sqs = stack.emulator.client("sqs")
    for url in sqs.list_queues(QueueNamePrefix=f"{CHECKOUT}-printing_")["QueueUrls"]:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--stores", type=int, default=4, help="three printers each")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1)
    arguments = parser.parse_args()
    # And so all that it started is stopped; raised as it comes, in a callback, the loop would log it and go on.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background a shell has it ignored
    bad = 0
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder) / "stack", durable=False) as stack:
        hasten(stack)
        for seed in range(arguments.first, arguments.first + arguments.seeds):
            drill = Drill(stack, Path(folder) / f"seed-{seed}", seed)
            report = asyncio.run(drill.run(arguments.orders, arguments.stores))
            say(str(report))
            bad += bool(report.violations)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
