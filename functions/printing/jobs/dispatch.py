"""From what is decided in a transaction to what goes out after it: frames, and jobs in each printer's order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.printing.jobs import drawer
from functions.printing.jobs.changes import Wanted, change, end, keep, number
from functions.printing.jobs.next_step import ACKNOWLEDGED_WITHIN
from functions.printing.link import frames
from functions.printing.states import JobState, move
from functions.printing.tables.agents import Agent, read_agent
from functions.printing.tables.connections import delete_connection
from functions.printing.tables.jobs import Job, Queue, lock_queued_jobs, read_job, read_last_sent, read_queues
from functions.printing.tables.printers import Printer, lock_printer
from functions.printing.tables.setups import Setup
from functions.printing.ticket.render import mark, render
from print_link.frames import Frame, bundle, encode
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError
from shared.spine.outbox import Work

# What an agent has of one printer's jobs at a time: enough to print through an outage, few to take back.
WINDOW = 20
# Of these so many are under way: a frame of an agent never brings about more work than that for each printer.
UNDER_WAY = 5


@dataclass(frozen=True)
class Parcel:
    """A job on its way out; it is laid out for its printer after the commit, when nobody waits for our locks."""

    job: Job
    printer: Printer
    interrupted: str


@dataclass
class Mail:
    """What goes out after the commit, by connection and in order."""

    env: Environment
    by_connection: dict[str, list[Frame | Parcel]] = field(default_factory=lambda: defaultdict(list))
    hung_up: set[str] = field(default_factory=set)
    agents: dict[str, Agent] = field(default_factory=dict)

    def add(self, agent: Agent, frame: Frame | Parcel, connection: str | None = None) -> None:
        """For the agent's newest connection, or another one of it."""
        if to := connection or agent.connection_id:
            self.by_connection[to].append(frame)
            self.agents[to] = agent

    def deliver(self) -> None:
        """Send everything. What fails is sent again by the timer: nothing here may fail the work that is done."""
        for connection, content in self.by_connection.items():
            try:
                self._deliver(connection, content)
            except DumbwaiterError as failure:
                log.logger().warning("frames are left for the timer", extra={"error": str(failure)})
            except Exception as failure:  # noqa: BLE001 - the work is committed; its caller must not hear of this
                log.bug(failure, "frames are left for the timer")

    def _deliver(self, connection: str, content: Iterable[Frame | Parcel]) -> None:
        agent = self.agents[connection]
        texts = [text for one in content for text in self._texts(one, agent)]
        for text in bundle(texts) if "bundle" in agent.capabilities else texts:
            if not self.env.aws.push(connection, text):
                forget(self.env, connection, agent.id)
                return
        if connection in self.hung_up:
            self.env.aws.hang_up(connection)

    def _texts(self, one: Frame | Parcel, agent: Agent) -> list[str]:
        if not isinstance(one, Parcel):
            return [encode(one)]
        try:
            opens_drawer = drawer.opens(one.job.ticket, self.env.clock())
            payload = render(one.job.ticket if opens_drawer else drawer.shut(one.job.ticket), one.printer.profile)
            if len(payload) > frames.PART_BYTES and "parts" not in agent.capabilities:
                give_up(self.env, one.job, "too_large")
                return []
            again = mark(one.job.reprint + 1, one.printer.profile, one.job.ticket.language)
            # The agent would send the pulse again with the copy.
            interrupted = "continue" if opens_drawer and one.printer.profile.drawer else one.interrupted
            return frames.job_frames(one.job, payload, interrupted=interrupted, mark=again)
        except Exception as failure:  # noqa: BLE001 - one ticket that cannot be laid out must not hold up the others
            log.bug(failure, "ticket cannot be laid out")
            give_up(self.env, one.job, "layout")
            return []


def give_up(env: Environment, job: Job, code: str) -> None:
    """A ticket that cannot be laid out, or not be sent, goes to a person."""
    with env.outbox.work("printing") as work:
        found = read_job(work, job.store_id, job.id, lock=True)
        if found and not found.state.final:
            end(work, found, JobState.FAILED, env.clock(), code=code)


def forget(env: Environment, connection: str, agent: str) -> None:
    """The gateway says that a connection is gone."""
    with env.db.transaction() as transaction:
        delete_connection(transaction, connection, agent)
    log.logger().info("connection gone", extra={"connection": connection, "agent": agent})


def claim(work: Work, mail: Mail, setup: Setup, agent: Agent | None, printers: Iterable[str], now: datetime) -> None:
    """Send the agent what waits for these printers, in their order, as far as its window goes."""
    if agent is None or agent.id != setup.printing_agent or not agent.online(now):
        return
    for printer in sorted(set(printers)):
        locked = lock_printer(work, setup.store_id, printer)
        for job in lock_queued_jobs(work, setup.store_id, printer, agent.id, WINDOW, UNDER_WAY):
            send(work, mail, setup, agent, locked, job, now)


def print_soon(env: Environment, work: Work, setup: Setup, wanted: Sequence[Wanted], now: datetime) -> list[Job]:
    """Make jobs, and send those for which their agent has room when the transaction is kept.

    As `queue` and `claim`, in half the statements: what a guest waits for was just numbered, and nothing is before it.
    """
    mail = Mail(env)
    printers, jobs = number(work, setup, wanted, now)
    agent = read_agent(work, setup.printing_agent) if setup.printing_agent else None
    behind: set[str] = set()
    if agent and agent.online(now):
        queues = read_queues(work, setup.store_id, printers, agent.id)
        behind = {printer for printer, queue in queues.items() if queue.queued}
        jobs = [one for printer, queue in queues.items() for one in _sent(jobs, printer, queue, agent, now)]
    jobs = keep(work, jobs, now)
    for job in jobs:
        if agent and job.state == JobState.SENT:
            mail.add(agent, Parcel(job, printers[job.printer], _interrupted(setup, agent)))
    claim(work, mail, setup, agent, behind, now)
    work.then(mail.deliver)
    return jobs


def _sent(jobs: Iterable[Job], printer: str, queue: Queue, agent: Agent, now: datetime) -> Iterator[Job]:
    """The new jobs of a printer; as sent, those that are in time and that its agent has room for."""
    room = 0 if queue.queued else min(WINDOW - queue.jobs, UNDER_WAY - queue.sent)
    after = queue.last_sent
    for job in jobs:
        if job.printer != printer:
            continue
        if room > 0 and now < job.deadline:
            yield replace(
                job, state=move(job.state, JobState.SENT), agent_id=agent.id, after_seq=after, attempts=1, sent_at=now,
                due_at=now + ACKNOWLEDGED_WITHIN,
            )  # fmt: skip
            after, room = job.seq, room - 1
        else:
            yield job


def send(work: Work, mail: Mail, setup: Setup, agent: Agent, printer: Printer, job: Job, now: datetime) -> Job:
    """A job goes out: for the first time, again, or to another agent."""
    after = job.after_seq if job.agent_id == agent.id else read_last_sent(work, job, agent.id)
    moved = {"agent_id": agent.id, "after_seq": after, "attempts": job.attempts + 1}
    job = change(work, job, state=JobState.SENT, **moved, sent_at=now, due_at=now + ACKNOWLEDGED_WITHIN)
    mail.add(agent, Parcel(job, printer, _interrupted(setup, agent)))
    return job


def _interrupted(setup: Setup, agent: Agent) -> str:
    return setup.routing.interrupted if "mark" in agent.capabilities else "continue"
