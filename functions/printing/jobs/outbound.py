"""Frames that leave after the commit. Tickets are rendered then, while no other transaction waits for the locks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from functions.printing.jobs.changes import end
from functions.printing.link import frames
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent
from functions.printing.tables.connections import delete_connection
from functions.printing.tables.jobs import Job, lock_job
from functions.printing.tables.printers import Printer
from functions.printing.ticket import drawer
from functions.printing.ticket.render import mark, render
from print_link.frames import Frame, bundle, encode
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError


@dataclass(frozen=True)
class JobToRender:
    """A job that becomes a frame when it leaves."""

    job: Job
    printer: Printer
    # What the agent does with a ticket in two pieces: `continue` or `reprint`.
    interrupted: str


@dataclass
class Outbound:
    """Frames by connection, in their order."""

    env: Environment
    by_connection: dict[str, list[Frame | JobToRender]] = field(default_factory=lambda: defaultdict(list))
    agents: dict[str, Agent] = field(default_factory=dict)
    # Connections that the relay closes after their frames.
    closing: set[str] = field(default_factory=set)

    def add(self, agent: Agent, frame: Frame | JobToRender, connection: str | None = None) -> None:
        """A frame for the agent's newest connection, or for the one that is named."""
        if target := connection or agent.connection_id:
            self.by_connection[target].append(frame)
            self.agents[target] = agent

    def deliver(self) -> None:
        """Send every frame. The timer repeats a failed one: a failure here must not fail the committed work."""
        for connection, content in self.by_connection.items():
            try:
                self._deliver(connection, content)
            except DumbwaiterError as failure:
                log.logger().warning("frames are left for the timer", extra={"error": str(failure)})
            except Exception as failure:  # noqa: BLE001 - the work is committed; its caller must not see this failure
                log.bug(failure, "frames are left for the timer")

    def _deliver(self, connection: str, content: Iterable[Frame | JobToRender]) -> None:
        agent = self.agents[connection]
        texts = [text for frame in content for text in self._texts(frame, agent)]
        for text in bundle(texts) if "bundle" in agent.capabilities else texts:
            if not self.env.aws.push(connection, text):
                forget_connection(self.env, connection, agent.id)
                return
        if connection in self.closing:
            self.env.aws.hang_up(connection)

    def _texts(self, frame: Frame | JobToRender, agent: Agent) -> list[str]:
        if not isinstance(frame, JobToRender):
            return [encode(frame)]
        try:
            return self._rendered(frame, agent)
        except Exception as failure:  # noqa: BLE001 - a ticket that cannot be laid out must not delay the next ones
            log.bug(failure, "ticket cannot be laid out")
            fail_job(self.env, frame.job, "layout")
            return []

    def _rendered(self, to_render: JobToRender, agent: Agent) -> list[str]:
        job, profile = to_render.job, to_render.printer.profile
        opens_drawer = drawer.opens(job.ticket, self.env.clock())
        payload = render(job.ticket if opens_drawer else drawer.without_drawer(job.ticket), profile)
        if len(payload) > frames.CHUNK_BYTES and "parts" not in agent.capabilities:
            fail_job(self.env, job, "too_large")
            return []
        # With `reprint` the agent would send the drawer's pulse again with the copy.
        interrupted = "continue" if opens_drawer and profile.drawer else to_render.interrupted
        copy_mark = mark(job.reprint + 1, profile, job.ticket.language)
        return frames.job_frames(_head(job), payload, interrupted=interrupted, mark=copy_mark)


def cancel_frame(job: Job, reason: str) -> Frame:
    """The frame that withdraws a job."""
    return frames.cancel(job.id, job.printer, reason)


def fail_job(env: Environment, job: Job, code: str) -> None:
    """End a job that cannot be laid out or sent. A person is alerted."""
    with env.outbox.work("printing") as work:
        current = lock_job(work, job.store_id, job.id)
        if current and not current.state.final:
            end(work, current, JobState.FAILED, env.clock(), code=code)


def forget_connection(env: Environment, connection: str, agent_id: str) -> None:
    """Delete a connection that the gateway has closed."""
    with env.db.transaction() as transaction:
        delete_connection(transaction, connection, agent_id)
    log.logger().info("connection gone", extra={"connection": connection, "agent": agent_id})


def _head(job: Job) -> Frame:
    return {
        "job": job.id,
        "printer": job.printer,
        "seq": job.seq,
        "after": job.after_seq,
        "deadline": job.deadline.timestamp(),
        "kind": job.kind,
    }
