"""The agent's way to the relay: one welcomed connection at a time, and the next before the last is closed."""

import asyncio
import logging
import platform
import random
from collections.abc import Awaitable, Callable

from dumbwaiter_agent import VERSION
from dumbwaiter_agent.agent_state import AgentState
from dumbwaiter_agent.connection import Connection, NotConnected
from dumbwaiter_agent.link import Event
from dumbwaiter_agent.relays import RETURN_SECONDS, Relays
from dumbwaiter_agent.reports import Reports
from print_link.frames import Frame

CAPABILITIES = ["parts", "link", "confirm", "mark", "bundle"]
# An old connection stays so long for frames that are on their way, after the new one is welcomed.
OVERLAP_SECONDS = 5.0

log = logging.getLogger("dumbwaiter_agent")


class Uplink:
    """Keeps `state.connection`. Frames of the relay go to `on_event`."""

    def __init__(
        self, state: AgentState, reports: Reports, on_event: Callable[[Connection, Event], Awaitable[None]]
    ) -> None:
        self._state, self._reports, self._on_event = state, reports, on_event
        self._relays = Relays(state.config.relays or state.identity.relays, jitter=random.random)
        self._steady = state.clocks.steady

    async def stay_connected(self) -> None:
        while True:
            url, seconds = self._relays.choose(self._steady())
            await asyncio.sleep(seconds)
            connection = await self._connect(url)
            while connection:
                connection = await self._live(connection)

    async def _connect(self, url: str) -> Connection | None:
        """A welcomed connection, which is the current one from now on; None if the relay gives none."""
        state = self._state
        printers = {name: state.printers.health_frame(name) for name in state.printers.devices}
        connection = Connection(url, await self._hello(printers), self._on_event, state.clocks, epoch=state.epoch)
        try:
            await connection.open(state.identity, state.clock, state.tls)
        except NotConnected as error:
            await self._on_failure(url, error)
            return None
        log.info("connected to %s", url)
        connection.opened_at = self._steady()
        if state.connection:
            self._retire(state.connection)
        state.connection = connection
        self._reports.restart(connection, printers)
        state.printers.wake_all()
        return connection

    async def _on_failure(self, url: str, error: NotConnected) -> None:
        self._state.trouble = str(error)
        self._state.status_changed.set()
        log.warning("not connected: %s", error)
        (self._relays.refused if error.refused else self._relays.failed)(url, self._steady())
        if error.final:
            await self._state.end_tenure()

    async def _live(self, connection: Connection) -> Connection | None:
        """Until the next connection has taken its place, or None when it has ended without one."""
        ended, leaving = (asyncio.create_task(event.wait()) for event in (connection.ended, connection.leaving))
        try:
            while not connection.ended.is_set():
                seconds = RETURN_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load
                await asyncio.wait({ended, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                if connection.ended.is_set():
                    break
                if successor := await self._successor(connection):
                    return successor
                if connection.leaving.is_set():
                    await asyncio.wait({ended}, timeout=random.uniform(1, 5))  # noqa: S311 - spreads load
        finally:
            ended.cancel()
            leaving.cancel()
        await self._on_loss(connection)
        return None

    async def _successor(self, connection: Connection) -> Connection | None:
        """A connection to a better relay, or to the same one if that asked the agent to reconnect."""
        urls = self._relays.better(connection.url, self._steady())
        for url in [*urls, connection.url] if connection.leaving.is_set() else urls:
            if successor := await self._connect(url):
                return successor
        return None

    async def _on_loss(self, connection: Connection) -> None:
        state, now = self._state, self._steady()
        state.connection = None
        state.trouble = connection.reason
        state.tenure.connected, state.tenure.off_line_at = False, connection.silent_at
        if connection.refused:
            await state.end_tenure()
        state.keep_or_release()
        state.status_changed.set()
        log.warning("connection lost: %s", connection.reason)
        self._relays.lost(connection.url, now, now - connection.opened_at)

    def _retire(self, connection: Connection) -> None:
        async def close_later() -> None:
            await asyncio.sleep(0 if self._state.stopping.is_set() else OVERLAP_SECONDS)
            await connection.close("reconnected")

        self._state.spawn(close_later())

    async def _hello(self, printers: dict[str, Frame]) -> Frame:
        state = self._state
        return {
            "agent": VERSION,
            "platform": f"{platform.system()} {platform.release()} python {platform.python_version()}"[:128],
            "journal": await state.disk.call(lambda: state.disk.journal.id),
            "capabilities": CAPABILITIES,
            "machine": state.machine,
            "printers": list(printers.values()),
            "cursor": {name: cursor for name in state.printers.devices if (cursor := state.desk.cursor(name))},
        }
