"""The agent's reports: printers' health and results to the relay, its own status to a file."""

import asyncio
import logging
from typing import Any

from dumbwaiter_agent import VERSION
from dumbwaiter_agent.agent_state import AgentState
from dumbwaiter_agent.connection import Connection
from dumbwaiter_agent.credentials import write_private
from dumbwaiter_agent.printer_connection import NOT_TRIED, Device
from dumbwaiter_agent.printers import wait_for
from print_link.frames import Frame

RESEND_SECONDS = 30.0
# After a long time off line there are many results: so many are sent at once, then a pause. A relay takes 100 a second.
PAGE = 200
PAGE_SECONDS = 2.5
STATUS_SECONDS = 10.0
PRUNE_SECONDS = 300.0
# A printer whose state flaps is reported so often, not more.
HEALTH_SECONDS = 0.25

log = logging.getLogger("dumbwaiter_agent")


class Reports:
    """`health_changed` is set by a printer whose state may be another one."""

    def __init__(self, state: AgentState) -> None:
        self._state = state
        self.health_changed = asyncio.Event()
        self._sent_health: dict[str, Frame] = {}

    def restart(self, connection: Connection, health: dict[str, Frame]) -> None:
        """A new connection hears of the jobs in print and of all results; `health` was in its hello."""
        self._sent_health = health
        self.health_changed.set()
        self._state.status_changed.set()
        for frame in self._state.begun.values():
            connection.send(frame)
        self._state.spawn(self._send_results(connection))

    def resend_health(self) -> None:
        self._sent_health = {}
        self.health_changed.set()

    async def report_health(self) -> None:
        while True:
            await self.health_changed.wait()
            self.health_changed.clear()
            for printer, device in self._state.printers.devices.items():
                self._report_printer(printer, device)
            await asyncio.sleep(HEALTH_SECONDS)

    def _report_printer(self, printer: str, device: Device) -> None:
        state, frame = self._state, self._state.printers.health_frame(printer)
        untried = device.health.trouble == NOT_TRIED  # tried in a moment, or by another agent
        if state.connection and self._sent_health.get(printer) != frame and not untried:
            self._sent_health[printer] = frame
            waiting, at = state.desk.waiting(printer), round(state.clock.now(), 3)
            state.send({"type": "printer", **frame, "waiting": waiting, "at": at})
            log.info("printer %s: %s %s", printer, device.health.state, device.health.trouble or "")

    async def resend_results(self) -> None:
        while True:
            await asyncio.sleep(RESEND_SECONDS)
            if self._state.connection:
                await self._send_results(self._state.connection, RESEND_SECONDS)

    async def _send_results(self, connection: Connection, younger: float = 0.0) -> None:
        """All results that the relay has not noted, but those `younger` than so many seconds: they are on their way.

        Results of a time to come are sent, too.
        """
        disk, clock = self._state.disk, self._state.clock
        page = await disk.call(disk.journal.unnoted, PAGE)
        while page and not connection.ended.is_set():
            for result in page:
                if not 0 <= clock.now() - result["at"] < younger:
                    connection.send(result)
            last = page[-1]
            if len(page) == PAGE:
                await asyncio.sleep(PAGE_SECONDS)
            page = await disk.call(disk.journal.unnoted, PAGE, (last["at"], last["job"]))

    async def prune_journal(self) -> None:
        while True:
            await asyncio.sleep(PRUNE_SECONDS)
            if self._state.connection:  # otherwise the time is not sure
                await self._state.disk.call(self._prune, self._state.clock.now(), self._state.clock.offset)

    def _prune(self, now: float, offset: float) -> None:
        journal = self._state.disk.journal
        journal.set_fact("time", repr(now))
        journal.set_fact("offset", repr(offset))
        journal.prune(now)

    async def write_status(self) -> None:
        state = self._state
        while True:
            state.status_changed.clear()
            try:
                await asyncio.to_thread(write_private, state.config.data / "status.json", self._status())
            except OSError as error:  # another program reads it just now (Windows), or the disk is full
                log.warning("status.json is as it was: %s", error)
            await wait_for(state.status_changed, STATUS_SECONDS)
            await asyncio.sleep(HEALTH_SECONDS)

    def _status(self) -> dict[str, Any]:
        state = self._state
        connection, desk = state.connection, state.desk
        return {
            "version": VERSION,
            "agent": state.identity.agent,
            "store": state.identity.store,
            "at": state.clock.now() - state.clock.offset,
            "relay": connection.url if connection else None,
            "trouble": None if connection else state.trouble,
            "clock_offset": round(state.clock.offset, 1),
            "role": "standby" if desk.standby else "printing",
            "left": state.tenure.release_reason() if desk.paused and not desk.standby else None,
            "printers": {name: self._printer_status(name, device) for name, device in state.printers.devices.items()},
        }

    def _printer_status(self, printer: str, device: Device) -> dict[str, Any]:
        return {
            "address": device.printer.address,
            "state": device.health.state,
            "trouble": device.health.trouble,
            "paper": device.health.paper,
            "proof": device.proof,
            "waiting": self._state.desk.waiting(printer),
        }
