"""A shift: the work on one store's jobs in one transaction, and the frames that leave after its commit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.printing.jobs import changes
from functions.printing.jobs.new_jobs import NewJob, number_jobs
from functions.printing.jobs.next_step import ACKNOWLEDGED_WITHIN
from functions.printing.jobs.outbound import JobToRender, Outbound
from functions.printing.states import JobState, move
from functions.printing.tables.agents import Agent, read_agent
from functions.printing.tables.jobs import Job, Queue, lock_queued_jobs, read_last_sent, read_queues
from functions.printing.tables.printers import Printer, lock_printer
from functions.printing.tables.setups import Setup
from print_link.frames import Frame
from shared.spine.env import Environment
from shared.spine.outbox import Work

# Jobs of one printer that an agent has at a time: enough to print through an outage, few to take back.
WINDOW = 20
# Jobs of one printer without an acknowledgement. A frame of an agent never causes more work than this for a printer.
UNACKNOWLEDGED = 5


@dataclass
class Shift:
    """The work on one store's jobs in one transaction. Its frames leave after the commit."""

    env: Environment
    work: Work
    setup: Setup
    now: datetime
    outbound: Outbound = field(init=False)
    _agents: dict[str, Agent | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.outbound = Outbound(self.env)
        self.work.then(self.outbound.deliver)

    @property
    def store_id(self) -> str:
        return self.setup.store_id

    @property
    def agent(self) -> Agent | None:
        """The agent that prints in the store. It is read once."""
        agent_id = self.setup.printing_agent
        if agent_id and agent_id not in self._agents:
            self._agents[agent_id] = read_agent(self.work, agent_id)
        return self._agents[agent_id] if agent_id else None

    def remember(self, agent: Agent) -> None:
        """Use this state of an agent, which is newer than the one that was read."""
        self._agents[agent.id] = agent

    def push(self, agent: Agent, frame: Frame, connection: str | None = None) -> None:
        """Send a frame to an agent after the commit."""
        self.outbound.add(agent, frame, connection)

    def change(self, job: Job, **fields: Any) -> Job:
        """As `changes.change`."""
        return changes.change(self.work, job, **fields)

    def end(self, job: Job, state: JobState, **fields: Any) -> Job:
        """As `changes.end`, at the time of the shift."""
        return changes.end(self.work, job, state, self.now, **fields)

    def queue(self, new_jobs: Sequence[NewJob]) -> list[Job]:
        """Number, store and announce jobs. A job that is late already alerts a person instead."""
        _, jobs = number_jobs(self.work, self.setup, new_jobs, self.now)
        return changes.store_jobs(self.work, jobs, self.now)

    def print_now(self, new_jobs: Sequence[NewJob]) -> list[Job]:
        """Queue jobs, and send at once those for which the agent has room.

        The same as `queue` and `send_queued` in half the statements: for jobs that have just got their numbers.
        """
        printers, jobs = number_jobs(self.work, self.setup, new_jobs, self.now)
        agent = self.agent
        waiting: set[str] = set()
        if agent and agent.online(self.now):
            queues = read_queues(self.work, self.store_id, printers, agent.id)
            waiting = {printer for printer, queue in queues.items() if queue.queued}
            jobs = [
                job for printer, queue in queues.items() for job in self._marked_as_sent(jobs, printer, queue, agent)
            ]
        jobs = changes.store_jobs(self.work, jobs, self.now)
        for job in jobs:
            if agent and job.state == JobState.SENT:
                self._render(agent, printers[job.printer], job)
        self.send_queued(waiting)
        return jobs

    def _marked_as_sent(self, jobs: Iterable[Job], printer: str, queue: Queue, agent: Agent) -> Iterator[Job]:
        """The new jobs of a printer. Those in time for which the agent has room are marked as sent."""
        room = 0 if queue.queued else min(WINDOW - queue.jobs, UNACKNOWLEDGED - queue.sent)
        after = queue.last_sent
        for job in jobs:
            if job.printer != printer:
                continue
            if room > 0 and self.now < job.deadline:
                sent: dict[str, Any] = {"state": move(job.state, JobState.SENT), "after_seq": after, "attempts": 1}
                yield replace(job, agent_id=agent.id, **sent, **self._sent_times())
                after, room = job.seq, room - 1
            else:
                yield job

    def send_queued(self, printers: Iterable[str]) -> None:
        """Send the jobs that wait for these printers, in their order, as far as the agent has room."""
        agent = self.agent
        if agent is None or not agent.online(self.now):
            return
        for printer_id in sorted(set(printers)):
            printer = lock_printer(self.work, self.store_id, printer_id)
            for job in lock_queued_jobs(self.work, self.store_id, printer_id, agent.id, WINDOW, UNACKNOWLEDGED):
                self.send(agent, printer, job)

    def send(self, agent: Agent, printer: Printer, job: Job) -> Job:
        """Send a job: for the first time, once more, or to another agent."""
        after = job.after_seq if job.agent_id == agent.id else read_last_sent(self.work, job, agent.id)
        sent = {"agent_id": agent.id, "after_seq": after, "attempts": job.attempts + 1}
        job = self.change(job, state=JobState.SENT, **sent, **self._sent_times())
        self._render(agent, printer, job)
        return job

    def _sent_times(self) -> dict[str, Any]:
        return {"sent_at": self.now, "due_at": self.now + ACKNOWLEDGED_WITHIN}

    def _render(self, agent: Agent, printer: Printer, job: Job) -> None:
        interrupted = self.setup.routing.interrupted if "mark" in agent.capabilities else "continue"
        self.outbound.add(agent, JobToRender(job, printer, interrupted))
