"""What the relay does about each frame of an agent, inside one transaction (docs/develop/print-link.md)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.printing.agents.roles import must_confirm
from functions.printing.jobs.changes import change, end, still_wanted
from functions.printing.jobs.dispatch import Mail, send
from functions.printing.jobs.failover import follow
from functions.printing.jobs.store_names import names_of
from functions.printing.link import frames
from functions.printing.link.frames import Ack, Begin, Progress, Refuse, Result
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent, read_agent, read_agents_of_store, update_agent
from functions.printing.tables.connections import delete_connection
from functions.printing.tables.jobs import Job, read_job, update_due_at
from functions.printing.tables.printers import Printer, lock_printer, read_printers, update_printer_state
from functions.printing.tables.setups import Setup
from print_link.frames import MAX_PRINTERS, Frame
from shared.contracts.messages.printing import PrintingPrinterChanged
from shared.spine import log
from shared.spine.outbox import Work

# A part that is lost again and again is sent by the timer, not at once.
AT_ONCE = 3
# An agent says of a second job in a row that it is withdrawn, and nobody has withdrawn it.
GIVEN_BACK = "given_back"


@dataclass
class Link:
    """What one agent says, on its way through. `claims`: the printers that may have room for more jobs then."""

    work: Work
    mail: Mail
    setup: Setup
    agent: Agent
    connection: str
    now: datetime
    claims: set[str] = field(default_factory=set)

    def answer(self, frame: Frame) -> None:
        """To the connection that the frame came by."""
        self.mail.add(self.agent, frame, self.connection)

    @property
    def prints(self) -> bool:
        """Whether this is the agent that prints in its store."""
        return self.setup.printing_agent == self.agent.id and not self.agent.held

    def printing_agent(self) -> Agent | None:
        """The one that prints, which gets what this one gives back."""
        other = self.setup.printing_agent
        return self.agent if self.prints or other is None else read_agent(self.work, other)

    def time(self, seconds: float) -> datetime:
        """When the agent says that something was; not later than now, whatever its clock says."""
        return datetime.fromtimestamp(min(seconds, self.now.timestamp()), UTC)

    def job(self, job_id: str) -> Job | None:
        """A job of the agent's own store, locked; another store's is none of its business, and said so."""
        found = read_job(self.work, self.setup.store_id, job_id, lock=True)
        if found is None:
            log.logger().warning("unknown job", extra={"job": job_id, "agent": self.agent.id})
            self.answer({"type": "error", "code": "unknown_job", "job": job_id})
        return found

    def own(self, job_id: str) -> Job | None:
        """The same, where this agent has it now."""
        found = self.job(job_id)
        return found if found and found.agent_id == self.agent.id else None


def on_ack(link: Link, frame: Ack) -> None:
    """It is on the agent's disk."""
    job = link.own(frame.job)
    if job and job.state == JobState.SENT:
        change(link.work, job, state=JobState.RECEIVED, received_at=link.now)
        link.claims.add(job.printer)


def on_refuse(link: Link, frame: Refuse) -> None:
    """It is not kept: a broken one goes again at once, one for which there is no room when the timer comes."""
    job = link.own(frame.job)
    if job is None or job.state != JobState.SENT:
        return
    log.logger().warning("job refused", extra={"job": job.id, "code": frame.code, "attempts": job.attempts})
    if frame.code != "journal_full" and job.attempts <= AT_ONCE and link.prints:
        printer = lock_printer(link.work, job.store_id, job.printer)
        send(link.work, link.mail, link.setup, link.agent, printer, job, link.now)


def on_begin(link: Link, frame: Begin) -> None:
    """Leave for a job that is this agent's and still wanted; the same again gets the same answer."""
    job = link.job(frame.job)
    if job is None:
        return
    mine = job.agent_id == link.agent.id and link.prints
    if mine and job.state == JobState.PRINTING:
        link.answer({"type": "go", "job": job.id})
    elif mine and not job.state.final and not job.withdrawn and link.now < job.deadline:
        received = job.received_at or link.now
        change(link.work, job, state=JobState.PRINTING, received_at=received, begun_at=link.now)
        link.answer({"type": "go", "job": job.id})
    else:
        link.answer(frames.cancel(job, job.withdrawn or "not_yours"))


def on_progress(link: Link, frame: Progress) -> None:
    """It is begun, or stands still."""
    job = link.own(frame.job)
    if job is None or job.state.final:
        return
    begun = {} if job.state == JobState.PRINTING else {"state": JobState.PRINTING, "begun_at": link.time(frame.at)}
    change(link.work, job, held=frame.held, **begun)


def on_result(link: Link, frame: Result) -> None:
    """The first is final; every one is noted, so that the agent need not say it again."""
    link.answer(frames.noted([frame.job]))
    job = link.own(frame.job)
    if job is None:
        return
    if job.state.final:
        if job.state.value != frame.state:
            log.logger().warning("another end", extra={"job": job.id, "state": job.state, "told": frame.state})
        return
    begun_at = link.time(frame.began) if frame.began is not None else job.begun_at
    found = {"code": frame.code, "evidence": frame.evidence, "copies": frame.copies, "begun_at": begun_at}
    state, instead = _end_of(link, job, JobState(frame.state))
    job = end(link.work, job, state, link.now, **found | instead)
    link.claims |= {job.printer} | follow(link.work, link.setup, job, link.now)


def _end_of(link: Link, job: Job, told: JobState) -> tuple[JobState, dict[str, str]]:
    """(how it ends, what is kept of that). Nobody misses a cancelled ticket: so that is for what a person withdrew."""
    if told != JobState.CANCELLED or not still_wanted(job):
        return told, {}
    if link.now >= job.deadline:
        return JobState.EXPIRED, {"code": "late"}
    if job.withdrawn or not job.moved_from:
        return told, {"withdrawn": "moved"}
    return JobState.FAILED, {"code": GIVEN_BACK}


def on_printer(link: Link, frame: frames.PrinterState) -> None:
    """Keep and tell a printer's state; what it stood still for goes on, or elsewhere."""
    if not link.prints:
        return
    known = read_printers(link.work, link.setup.store_id)
    if frame.printer not in known and len(known) >= MAX_PRINTERS:
        log.logger().warning("one printer too many", extra={"printer": frame.printer, "agent": link.agent.id})
        return
    printer = lock_printer(link.work, link.setup.store_id, frame.printer)
    said_at = link.time(frame.at) if frame.at is not None else link.now
    if printer.said_at and said_at < printer.said_at:
        return  # frames of one connection may be taken up in any order
    said = {name: getattr(frame, name) for name in ("state", "paper", "cover", "error", "proof", "trouble")}
    fresh = replace(printer, agent_id=link.agent.id, said_at=said_at, **said)
    moved = fresh.can_print != printer.can_print or printer.state is None
    changed = any(getattr(printer, name) != value for name, value in said.items())
    update_printer_state(link.work, replace(fresh, changed_at=link.now if moved else printer.changed_at))
    if changed:
        _tell_printer(link, printer, fresh)
    if moved:
        update_due_at(link.work, fresh.store_id, fresh.id, link.now + timedelta(seconds=1))
        link.claims.add(fresh.id)


def _tell_printer(link: Link, before: Printer, after: Printer) -> None:
    state = {name: getattr(after, name) for name in ("state", "paper", "cover", "error", "trouble", "can_print")}
    tell_agent(link, PrintingPrinterChanged, printer=after.id, before=before.state, **state)


def tell_agent(link: Link, kind: Callable[..., Any], **members: Any) -> None:
    """Announce something about the agent or its printers, in the agent's own sequence."""
    locked = read_agent(link.work, link.agent.id, lock=True)
    assert locked is not None  # it sent the frame
    link.agent = replace(locked, last_sequence=locked.last_sequence + 1)
    update_agent(link.work, link.agent)
    data = kind(agent=link.agent.id, **names_of(link.agent.store_id), name=link.agent.name, **members)
    sequence = link.agent.last_sequence
    link.work.announce(data, subject=f"agent/{link.agent.id}", sequence=sequence, store=link.agent.store_id)


def on_beat(link: Link) -> None:
    """Tell the time; and where there are several agents who prints, for the frame that said so may have been lost."""
    link.answer({"type": "beat", "time": link.now.timestamp()})
    agents = read_agents_of_store(link.work, link.agent.store_id)
    if link.agent.held or must_confirm(link.agent, [one for one in agents if one.id != link.agent.id], link.now):
        link.answer({"type": "role", "role": "printing" if link.prints else "standby"})


def on_bye(link: Link) -> None:
    """This connection ends; the agent may have a newer one."""
    delete_connection(link.work, link.connection, link.agent.id)
