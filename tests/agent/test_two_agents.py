"""Two tills of a store as programs of their own, and a printer that takes one connection: who has it, and when."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from dumbwaiter_agent.check import check
from dumbwaiter_agent.printer_connection import Printer as Settings
from tests.simulators.agent_process import AgentProcess, configure
from tests.simulators.printer import Printer
from tests.simulators.relay import Relay
from tests.simulators.tickets import begun, paper_of, ticket, whole
from tests.support.waiting import on_this_machine, until

HEARTBEAT = 0.5
# Two heartbeats and five seconds, as docs/develop/print-link.md says.
OFF_LINE = 2 * HEARTBEAT + 5
# The next try of a printer that was busy, its first status, and the ticket.
TO_PAPER = 5.0
BYTES_A_SECOND = 400
PRINTER = "poll = 0.2\nanswer = 0.4\npatience = { proof = 10.0, grace = 0.3, hold = 8.0, settle = 0.05 }"


@dataclass
class Till:
    """One agent, and the relay as it sees it."""

    relay: Relay
    agent: AgentProcess


@dataclass
class Pair:
    """The first till prints, the second one stands by."""

    printer: Printer
    first: Till
    second: Till

    def take_over(self) -> Awaitable[None]:
        """What the relay does once the first one is off line."""
        self.second.relay.role = "printing"
        return self.second.relay.say({"type": "role", "role": "printing"})


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def awaited() -> None:
        await test()

    asyncio.run(awaited())


@asynccontextmanager
async def two_tills(folder: Path, *, confirm: bool = True, second: str = "refuses") -> AsyncIterator[Pair]:
    async with AsyncExitStack() as exits:
        printer = await exits.enter_async_context(Printer(bytes_a_second=BYTES_A_SECOND))
        printer.second_connection = second
        tills = []
        for name, role in (("agent-1", "printing"), ("agent-2", "standby")):
            relay = await exits.enter_async_context(Relay(name))
            relay.heartbeat, relay.confirm, relay.role = HEARTBEAT, confirm, role
            config = configure(folder / name, [relay], {"kitchen": printer.address}, PRINTER)
            tills.append(Till(relay, await exits.enter_async_context(AgentProcess(config))))
            await until(lambda relay=relay: relay.hellos)  # type: ignore[misc]
        await until(lambda: tills[0].relay.printers["kitchen"]["state"] == "ready")
        yield Pair(printer, *tills)


async def cut_off(till: Till) -> None:
    """Its link breaks and does not come back; the program lives on."""
    await till.relay.stop()


@pytest.mark.parametrize("second", ["refuses", "queues"])
def test_an_agent_that_is_cut_off_lets_go_and_the_other_one_prints(tmp_path: Path, second: str) -> None:
    async def test() -> None:
        async with two_tills(tmp_path, second=second) as pair:
            await cut_off(pair.first)
            at = time.monotonic()
            await pair.take_over()
            job = pair.second.relay.add("j1", ticket("j1"))
            assert await until(lambda: job.result) < on_this_machine(OFF_LINE + TO_PAPER)
            assert job.state == "printed"
            assert whole(paper_of(pair.printer)) == {"j1": 1}
            assert time.monotonic() - at > OFF_LINE / 2  # the first one had it until then

    run(test)


def test_a_ticket_that_was_begun_is_finished_and_the_next_one_is_printed_by_the_other_agent(tmp_path: Path) -> None:
    async def test() -> None:
        async with two_tills(tmp_path) as pair:
            payload = ticket("j1", 150)  # of over 7 s, longer than it takes to be off line
            begun_here = pair.first.relay.add("j1", payload)
            pair.first.relay.add("j2", ticket("j2"))
            await until(lambda: begun_here.state == "printing" and pair.printer.ticket.data)
            port = pair.first.relay.port
            await cut_off(pair.first)
            await pair.take_over()
            job = pair.second.relay.add("j2", ticket("j2"))
            bar = OFF_LINE + len(payload) / BYTES_A_SECOND + TO_PAPER
            assert await until(lambda: job.result) < on_this_machine(bar)
            assert list(begun(paper_of(pair.printer))) == ["j1", "j2"]
            assert whole(paper_of(pair.printer)) == {"j1": 1, "j2": 1}
            pair.first.relay.role = "standby"
            await pair.first.relay.start(port)
            await until(lambda: begun_here.result)
            assert (begun_here.state, job.state) == ("printed", "printed")

    run(test)


def test_an_agent_that_is_welcomed_to_print_again_takes_its_printers_again(tmp_path: Path) -> None:
    async def test() -> None:
        async with two_tills(tmp_path) as pair:
            port = pair.first.relay.port
            await cut_off(pair.first)
            assert await until(lambda: pair.printer.connections == 0) < on_this_machine(OFF_LINE + 5)
            await pair.first.relay.start(port)
            job = pair.first.relay.add("j1", ticket("j1"))
            await until(lambda: job.result)
            assert whole(paper_of(pair.printer)) == {"j1": 1}

    run(test)


def test_a_lone_agent_keeps_its_printers_while_it_is_cut_off(tmp_path: Path) -> None:
    async def test() -> None:
        async with two_tills(tmp_path, confirm=False) as pair:
            await cut_off(pair.first)
            await asyncio.sleep(OFF_LINE + 2)
            assert pair.printer.connections == 1

    run(test)


async def is_revoked(till: Till, how: str) -> None:
    """Told so over the link; or learns it when it comes back, by the link or by the HTTP status of the gateway."""
    relay = till.relay
    if how == "at once":
        relay.error = "revoked"
        await relay.say({"type": "error", "code": "revoked", "time": relay.now()})
        return
    port = relay.port
    await cut_off(till)
    if how == "by its hello":
        relay.error = "revoked"
    else:
        relay.refuse_with, relay.refusal_code = HTTPStatus.UNAUTHORIZED, "revoked"
    await relay.start(port)


@pytest.mark.parametrize("confirm", [True, False])
@pytest.mark.parametrize("how", ["at once", "by its hello", "by its refusal"])
def test_a_revoked_agent_lets_go_as_soon_as_it_learns_it(tmp_path: Path, how: str, confirm: bool) -> None:  # noqa: FBT001
    async def test() -> None:
        async with two_tills(tmp_path, confirm=confirm) as pair:
            pair.printer.run_out()
            waits = pair.first.relay.add("j1", ticket("j1"))
            await until(lambda: waits.state == "received")
            await is_revoked(pair.first, how)
            await until(lambda: pair.printer.connections == 0)
            pair.printer.new_paper()
            await pair.take_over()
            job = pair.second.relay.add("j2", ticket("j2"))
            await until(lambda: job.result)
            await pair.first.agent.kill()
            await pair.first.agent.start()
            await asyncio.sleep(2)
            assert whole(paper_of(pair.printer)) == {"j2": 1}

    run(test)


@pytest.mark.parametrize("second", ["refuses", "queues"])
def test_a_printer_can_be_checked_from_one_machine_while_the_agent_of_another_prints_on_it(
    tmp_path: Path, second: str
) -> None:
    async def test() -> None:
        async with two_tills(tmp_path, second=second) as pair:
            settings = Settings("kitchen", pair.printer.address, answer=0.4)
            lines, good = await check(settings, "w1")
            assert good, lines
            job = pair.first.relay.add("j1", ticket("j1"))
            await until(lambda: job.result)
            assert [one.text.split()[:2] for one in pair.printer.paper] == [["TEST", "w1"], ["JOB", "j1"]]

    run(test)
