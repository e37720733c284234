"""A session: one frame, or one bundle, of one agent inside a shift of its store."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from functions.printing.jobs.shift import Shift
from functions.printing.jobs.store_names import names_of
from functions.printing.tables.agents import Agent, lock_agent, update_agent
from functions.printing.tables.jobs import Job, lock_job
from print_link.frames import Frame
from shared.spine import log


@dataclass
class Session:
    """An agent that sends frames over a connection."""

    shift: Shift
    agent: Agent
    connection: str
    # Printers that may have room for more jobs after these frames.
    free_printers: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.shift.remember(self.agent)

    @property
    def now(self) -> datetime:
        return self.shift.now

    @property
    def prints(self) -> bool:
        """Whether this agent prints in its store."""
        return self.shift.setup.printing_agent == self.agent.id and not self.agent.held

    @property
    def closed(self) -> bool:
        """Whether the relay closes this connection."""
        return self.connection in self.shift.outbound.closing

    def answer(self, frame: Frame) -> None:
        """Send a frame over the connection that the agent's frame came by."""
        self.shift.push(self.agent, frame, self.connection)

    def close(self) -> None:
        """Close the connection after its frames."""
        self.shift.outbound.closing.add(self.connection)

    def replace_agent(self, agent: Agent) -> None:
        """Use a newer state of the agent."""
        self.agent = agent
        self.shift.remember(agent)

    def time(self, seconds: float) -> datetime:
        """A time by the agent's clock. It is never later than now."""
        return datetime.fromtimestamp(min(seconds, self.now.timestamp()), UTC)

    def job(self, job_id: str) -> Job | None:
        """A job of the agent's own store, locked. The agent gets an error for any other job."""
        job = lock_job(self.shift.work, self.shift.store_id, job_id)
        if job is None:
            log.logger().warning("unknown job", extra={"job": job_id, "agent": self.agent.id})
            self.answer({"type": "error", "code": "unknown_job", "job": job_id})
        return job

    def own_job(self, job_id: str) -> Job | None:
        """A job that this agent has now, locked."""
        job = self.job(job_id)
        return job if job and job.agent_id == self.agent.id else None

    def announce(self, message: Callable[..., Any], **fields: Any) -> None:
        """Announce a message about the agent or its printers, in the agent's own sequence."""
        locked = lock_agent(self.shift.work, self.agent.id)
        assert locked is not None  # it sent the frame
        self.replace_agent(replace(locked, last_sequence=locked.last_sequence + 1))
        update_agent(self.shift.work, self.agent)
        announce_agent(self.shift, self.agent, message, **fields)


def announce_agent(shift: Shift, agent: Agent, message: Callable[..., Any], **fields: Any) -> None:
    """Announce a message about an agent whose `last_sequence` is the number of this message."""
    data = message(agent=agent.id, **names_of(agent.store_id), name=agent.name, **fields)
    shift.work.announce(data, subject=f"agent/{agent.id}", sequence=agent.last_sequence, store=agent.store_id)
