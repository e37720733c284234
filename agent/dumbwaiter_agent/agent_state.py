"""Everything that the parts of one running agent share."""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Any

from dumbwaiter_agent.clock import Clocks, RelayClock
from dumbwaiter_agent.config import Config
from dumbwaiter_agent.connection import Connection
from dumbwaiter_agent.credentials import Identity
from dumbwaiter_agent.desk import Desk
from dumbwaiter_agent.disk import Disk
from dumbwaiter_agent.printers import Printers
from dumbwaiter_agent.tenure import Tenure
from print_link.frames import Frame


@dataclass
class AgentState:
    """`connection`: the welcomed one, if any. `trouble`: the reason why there is none.

    `epoch`: the highest that a relay has named.

    `begun`: by job, the progress frame of a job in print. `background`: short tasks to be awaited at the end.
    """

    config: Config
    identity: Identity
    clocks: Clocks
    clock: RelayClock
    printers: Printers
    tls: ssl.SSLContext
    machine: list[str]
    disk: Disk = field(default_factory=Disk)
    tenure: Tenure = field(default_factory=Tenure)
    desk: Desk = field(default_factory=Desk)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    status_changed: asyncio.Event = field(default_factory=asyncio.Event)
    connection: Connection | None = None
    trouble: str = "not connected yet"
    epoch: int = 0
    begun: dict[str, Frame] = field(default_factory=dict)
    background: set["asyncio.Task[None]"] = field(default_factory=set)

    def send(self, frame: Frame | None) -> None:
        """To the relay, if there is a frame and a connection."""
        if frame and self.connection:
            self.connection.send(frame)

    def spawn(self, work: Any) -> None:
        """Start a task that nothing waits for before the end."""
        task = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def set_standby(self, *, standby: bool) -> None:
        """A standby keeps away from the printers: most have one connection to give."""
        self.desk.standby = self.tenure.standby = standby
        self.keep_or_release()
        self.status_changed.set()
        self.printers.wake_all()

    def keep_or_release(self) -> None:
        """Hold the printers' connections or release them, as the tenure says now."""
        holds = self.tenure.holds(self.clocks.steady())
        self.desk.paused = not holds
        if not holds:
            self.desk.forget_grants()
        self.printers.keep_or_release(self.tenure, holds=holds)

    async def end_tenure(self) -> None:
        """The relay refuses this agent: another agent prints its jobs, or a person decides."""
        self.tenure.refused = True
        self.keep_or_release()
        await self.disk.call(self.disk.journal.set_fact, "role", "standby")
