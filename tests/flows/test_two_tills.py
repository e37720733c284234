"""Two tills of a store and a printer that takes one connection, through the deployed stack."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stack.signed_requests import Caller
from stack.stack import Stack
from tests.simulators.agent_process import AgentProcess
from tests.simulators.print_drill import CHECKOUT, QUICK
from tests.simulators.print_store import enrolled
from tests.simulators.printer import Printer
from tests.simulators.proxy import Proxy
from tests.support.orders import MENU, SETTINGS, an_order, paid
from tests.support.paths import AGENT_PATH
from tests.support.waiting import on_this_machine, until

HOT = {"id": "kitchen_hot", "name": "Hot", "printer": "kitchen"}
HEARTBEAT = 5
OFF_LINE = 2 * HEARTBEAT + 5
TIMERS = 5.0
# The printer that was busy is tried again within 2 s and `poll`; the rest is order, queue and ticket.
TO_PAPER = 15.0


@dataclass
class TwoTills:
    """A store that prints; `timers` come every few seconds, not every minute."""

    stack: Stack
    call: Caller
    store: str
    printer: Printer
    addresses: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.addresses = {"kitchen": self.printer.address}

    async def order(self, number: str) -> None:
        source = {"kind": "till", "id": self.store, "number": number}
        body = an_order(self.store, payments=paid(1325), source=source)
        (await asyncio.to_thread(self.call, "POST", "/v1/orders", body)).raise_for_status()

    def agents(self) -> list[dict[str, Any]]:
        agents: list[dict[str, Any]] = self.call("GET", f"/v1/printing/stores/{self.store}/agents").json()["agents"]
        return agents

    async def printing(self, name: str) -> None:
        await until(lambda: name in [agent["name"] for agent in self.agents() if agent["printing"]])

    async def tick(self) -> None:
        client = self.stack.emulator.client("lambda")
        while True:
            for name in ("printing_watch_fleet", "printing_send_due_jobs"):
                call = {"FunctionName": f"{CHECKOUT}-{name}", "InvocationType": "Event", "Payload": b"{}"}
                await asyncio.to_thread(client.invoke, **call)
            await asyncio.sleep(TIMERS)

    @property
    def numbers(self) -> list[str]:
        words = (word for ticket in self.printer.paper for word in ticket.text.split())
        return [word for word in words if word.startswith("order-")]


@pytest.fixture
def call(stack: Stack) -> Iterator[Caller]:
    caller = Caller(stack.place.http, stack.place.keys["head_office"])
    with caller.http:
        yield caller


@asynccontextmanager
async def shop(stack: Stack, call: Caller) -> AsyncIterator[TwoTills]:
    store = f"t-{time.time_ns():x}"
    for target, body in {
        f"/v1/stores/{store}": SETTINGS,
        f"/v1/stores/{store}/menu": MENU,
        f"/v1/printing/stores/{store}/routing": {"stations": [HOT], "heartbeat": HEARTBEAT},
    }.items():
        (await asyncio.to_thread(call, "PUT", target, body)).raise_for_status()
    async with Printer() as printer:
        printer.second_connection = "refuses"
        two_tills = TwoTills(stack, call, store, printer)
        ticking = asyncio.create_task(two_tills.tick())
        try:
            yield two_tills
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)


def test_a_till_that_loses_its_link_leaves_the_printer_to_the_other_one(
    stack: Stack, call: Caller, tmp_path: Path
) -> None:
    async def run() -> None:
        async with AsyncExitStack() as exits:
            two_tills = await exits.enter_async_context(shop(stack, call))
            links = {name: Proxy(stack.place.websocket or "") for name in ("till-1", "till-2")}
            for name, link in links.items():
                await link.__aenter__()
                config = await asyncio.to_thread(
                    enrolled, tmp_path / name, call, two_tills.store, two_tills.addresses, link.url, QUICK
                )
                await exits.enter_async_context(AgentProcess(config))
                await two_tills.printing("till-1")
            exits.push_async_exit(links["till-2"])
            await until(lambda: [agent["state"] for agent in two_tills.agents()] == ["online"] * 2)
            # The first one has come back, and heard that it is not alone: within 5 s of the second one's enrolment.
            await until(lambda: links["till-1"].opened >= 2 and links["till-1"].ended >= 1)
            await two_tills.order("order-1")
            await until(lambda: two_tills.numbers == ["order-1"])
            await links["till-1"].__aexit__()  # the program lives on, and has the printer
            cut_at = time.monotonic()
            await two_tills.order("order-2")
            taken_over = await until(lambda: two_tills.numbers == ["order-1", "order-2"])
            assert taken_over < on_this_machine(OFF_LINE + TIMERS + TO_PAPER)
            assert time.monotonic() - cut_at >= OFF_LINE - HEARTBEAT
            await two_tills.printing("till-2")
            assert two_tills.printer.most_connections == 1

    asyncio.run(run())


async def command(config: Path, *arguments: str) -> str:
    """`dumbwaiter-agent …`, which must go well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dumbwaiter_agent", "--config", str(config), *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": AGENT_PATH},
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def test_a_new_machine_is_enrolled_checked_and_then_the_old_one_revoked(
    stack: Stack, call: Caller, tmp_path: Path
) -> None:
    """The steps of docs/guide/set-up-a-print-agent.md: the old agent prints until it is revoked, and then runs on."""

    async def run() -> None:
        async with AsyncExitStack() as exits:
            two_tills = await exits.enter_async_context(shop(stack, call))
            old = await asyncio.to_thread(
                enrolled, tmp_path / "old", call, two_tills.store, two_tills.addresses, "", QUICK
            )
            await exits.enter_async_context(AgentProcess(old))
            await two_tills.printing("old")
            await two_tills.order("order-1")
            await until(lambda: two_tills.numbers == ["order-1"])

            new = tmp_path / "new/agent.toml"
            new.parent.mkdir()
            new.write_text(old.read_text())
            body = {"store": two_tills.store}
            code = (await asyncio.to_thread(call, "POST", "/v1/printing/codes", body)).json()["code"]
            await command(new, "enrol", "--at", stack.place.http, code)
            assert "proof by echo" in await command(new, "check")
            await exits.enter_async_context(AgentProcess(new))
            await until(lambda: [agent["state"] for agent in two_tills.agents()] == ["online"] * 2)
            await two_tills.order("order-2")
            await until(lambda: two_tills.numbers == ["order-1", "order-2"])

            [agent_id] = [agent["id"] for agent in two_tills.agents() if agent["name"] == "old"]
            await asyncio.to_thread(call, "DELETE", f"/v1/printing/stores/{two_tills.store}/agents/{agent_id}")
            await two_tills.order("order-3")
            taken_over = await until(lambda: two_tills.numbers == ["order-1", "order-2", "order-3"])
            assert taken_over < on_this_machine(TO_PAPER)
            assert [agent["state"] for agent in two_tills.agents()] == ["revoked", "online"]

    asyncio.run(run())
