"""A store in this process: printers, a relay, and the agent between them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dumbwaiter_agent.agent import Agent
from dumbwaiter_agent.clock import Clocks
from dumbwaiter_agent.config import Config
from dumbwaiter_agent.credentials import Identity
from dumbwaiter_agent.print_attempt import Patience
from dumbwaiter_agent.printer_connection import Printer as Settings
from tests.simulators.printer import Printer
from tests.simulators.relay import Relay
from tests.simulators.tickets import begun, paper_of, whole

# A test has no time to wait as long as a store would.
PATIENCE = Patience(proof=0.6, grace=0.15, hold=5.0, settle=0.05)


@dataclass
class Store:
    """Printers by name, the relays, and a folder for agents."""

    data: Path
    printers: dict[str, Printer]
    relays: Sequence[Relay]
    settings: dict[str, Any]
    agent: Agent | None = None
    running: "asyncio.Task[None] | None" = None
    clocks: Clocks | None = None

    @property
    def relay(self) -> Relay:
        return self.relays[0]

    @property
    def printer(self) -> Printer:
        return self.printers["kitchen"]

    def config(self) -> Config:
        simulated = [
            Settings(name, printer.address, poll=0.1, answer=0.2, patience=PATIENCE)
            for name, printer in self.printers.items()
        ]
        return Config(self.data, tuple(replace(printer, **self.settings) for printer in simulated))

    def start(self) -> None:
        urls = tuple(relay.url for relay in self.relays)
        self.agent = Agent(self.config(), Identity(self.relay.agent, self.relay.key, "s1", urls), self.clocks)
        self.running = asyncio.create_task(self.agent.run())
        self.running.add_done_callback(ends_the_test(asyncio.current_task()))

    async def stop(self) -> None:
        """The agent ends in its own time; what it raised is raised."""
        if self.agent and self.running:
            self.agent.stop()
            await self.running
        self.agent = self.running = None

    def whole(self, printer: str = "kitchen") -> dict[str, int]:
        return dict(whole(paper_of(self.printers[printer])))

    def begun(self, printer: str = "kitchen") -> dict[str, int]:
        return dict(begun(paper_of(self.printers[printer])))


def ends_the_test(test: "asyncio.Task[Any] | None") -> Callable[["asyncio.Task[None]"], None]:
    """An agent that fails ends the test: its waits can't come true any more. `stop` raises the agent's failure."""

    def end(agent: "asyncio.Task[None]") -> None:
        if test and not agent.cancelled() and agent.exception():
            test.cancel("the agent failed")

    return end


@asynccontextmanager
async def store(
    data: Path,
    *,
    printers: Sequence[str] = ("kitchen",),
    relays: int = 1,
    started: bool = True,
    bytes_a_second: float | None = None,
    clocks: Clocks | None = None,
    **settings: Any,
) -> AsyncIterator[Store]:
    """Everything up; at the end everything down, and nobody has broken a rule that always holds."""
    simulated = {name: Printer(bytes_a_second=bytes_a_second) for name in printers}
    these = [Relay() for _ in range(relays)]
    await asyncio.gather(*(printer.start() for printer in simulated.values()), *(relay.start() for relay in these))
    store = Store(data, simulated, these, settings, clocks=clocks)
    try:
        if started:
            store.start()
        yield store
    finally:
        await store.stop()
        await asyncio.gather(*(printer.stop() for printer in simulated.values()), *(relay.stop() for relay in these))
    for printer in simulated.values():
        assert printer.enquiries == 0, "DLE ENQ was sent"
        assert printer.most_connections <= 1, "two connections at a time"
    for relay in these:
        assert relay.violations == []
