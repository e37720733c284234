"""A device that drives a scripted printer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from dumbwaiter_agent.jobs import Job, Outcome
from dumbwaiter_agent.print_attempt import Patience
from dumbwaiter_agent.printer_connection import Device
from dumbwaiter_agent.printer_connection import Printer as Settings
from tests.simulators.printer import Printer
from tests.simulators.tickets import paper_of, ticket, whole

PATIENCE = Patience(proof=0.6, grace=0.15, hold=5.0, settle=0.05)
JOB = Job("j1", "p", 1, 0, 1e10, "kitchen")


@dataclass
class Bench:
    """A printer, the device that drives it, and what it said meanwhile."""

    printer: Printer
    device: Device
    held: list[str | None] = field(default_factory=list)
    begun: int = 0

    async def print(self, payload: bytes = ticket("j1"), **members: Any) -> Outcome | None:
        async def begin() -> None:
            self.begun += 1

        return await self.device.print(replace(JOB, **members), payload, begin, self.held.append)

    @property
    def on_paper(self) -> int:
        return whole(paper_of(self.printer))["j1"]


@asynccontextmanager
async def bench(*, watched: bool = True, **settings: Any) -> AsyncIterator[Bench]:
    async with Printer() as printer:
        made = replace(Settings("p", printer.address, poll=0.1, answer=0.2, patience=PATIENCE), **settings)
        device = Device(made, lambda: None)
        watching = asyncio.create_task(device.watch()) if watched else None
        try:
            yield Bench(printer, device)
        finally:
            if watching:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
            await device.close()
            assert printer.enquiries == 0, "DLE ENQ was sent"
            assert printer.most_connections <= 1, "two connections at a time"


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 20))
