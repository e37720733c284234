"""The printers of one agent: connections that are held or released, and the signal that a job may be next."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from dumbwaiter_agent.places import Places
from dumbwaiter_agent.printer_connection import Device, Printer
from dumbwaiter_agent.tenure import Tenure
from print_link.frames import Frame, without_nulls

# A standby asks printers that it has not met for their identity; the printing agent yields each for 2 of 12 s.
MEET_SECONDS = 20.0
MEETINGS_AT_MOST = 30

log = logging.getLogger("dumbwaiter_agent")


class Printers:
    """`devices` are by printer id. A device is watched while the agent holds its connection."""

    def __init__(self, printers: Sequence[Printer], on_health: Callable[[], None], places: Places) -> None:
        self.devices = {printer.id: Device(printer, on_health, places=places) for printer in printers}
        self._wakes = {printer.id: asyncio.Event() for printer in printers}
        self._watching: list[asyncio.Task[None]] = []
        self._releasing: list[asyncio.Task[None]] = []

    def wake(self, printer: str) -> None:
        if wake := self._wakes.get(printer):
            wake.set()

    def wake_all(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    def await_news(self, printer: str) -> asyncio.Event:
        """Cleared now, and set when something has changed for the printer."""
        wake = self._wakes[printer]
        wake.clear()
        return wake

    def keep_or_release(self, tenure: Tenure, *, holds: bool) -> None:
        """A job that has begun goes on to its end; then its connection is closed."""
        self._releasing = [task for task in self._releasing if not task.done()]
        for device in self.devices.values():
            device.contested = tenure.confirm
        if holds and not self._watching:
            self._watching = [asyncio.create_task(device.watch()) for device in self.devices.values()]
        elif self._watching and not holds:
            log.info("the printers are released: %s", tenure.release_reason())
            for device, task in zip(self.devices.values(), self._watching, strict=True):
                device.release()
                task.cancel()
            self._releasing += self._watching
            self._watching = []

    async def meet(self, tenure: Tenure) -> None:
        """A standby learns the place of each printer before a swap; after a swap it would learn a wrong one."""
        for _ in range(MEETINGS_AT_MOST):
            await asyncio.sleep(MEET_SECONDS)
            for device in self.devices.values():
                stands_by = tenure.standby and tenure.connected and not tenure.refused
                if stands_by and device.unknown:
                    await device.meet()

    def health_frame(self, printer: str) -> Frame:
        device = self.devices[printer]
        return without_nulls(**device.health.frame(printer), proof=device.proof)

    async def close(self) -> None:
        """Stop watching, and close every connection."""
        tasks = [*self._watching, *self._releasing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(device.close() for device in self.devices.values()))


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, so many seconds at most."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
