"""The effect of each frame of an agent, inside one transaction (docs/develop/print-link.md)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from functions.printing.agents.roles import must_confirm
from functions.printing.agents.session import Session
from functions.printing.jobs.changes import is_still_needed
from functions.printing.jobs.failover import follow_up
from functions.printing.jobs.outbound import cancel_frame
from functions.printing.link import frames
from functions.printing.link.inbound import Ack, Begin, PrinterState, Progress, Refuse, Result
from functions.printing.states import JobState
from functions.printing.tables.agents import read_agents_of_store
from functions.printing.tables.connections import delete_connection
from functions.printing.tables.jobs import Job, update_due_at
from functions.printing.tables.printers import Printer, lock_printer, read_printers, update_printer_state
from print_link.frames import MAX_PRINTERS
from shared.contracts.messages.printing import PrintingPrinterChanged
from shared.spine import log

# A chunk that is lost so often is sent again by the timer, not at once.
RETRIES_AT_ONCE = 3
# The agent returned a job that the relay had not withdrawn, for the second time.
GIVEN_BACK = "given_back"
_STATE_FIELDS = ("state", "paper", "cover", "error", "proof", "trouble")


def on_ack(session: Session, frame: Ack) -> None:
    """The job is on the agent's disk."""
    job = session.own_job(frame.job)
    if job and job.state == JobState.SENT:
        session.shift.change(job, state=JobState.RECEIVED, received_at=session.now)
        session.free_printers.add(job.printer)


def on_refuse(session: Session, frame: Refuse) -> None:
    """The agent did not store the job. A broken job is sent again at once; for a full journal the timer waits."""
    job = session.own_job(frame.job)
    if job is None or job.state != JobState.SENT:
        return
    log.logger().warning("job refused", extra={"job": job.id, "code": frame.code, "attempts": job.attempts})
    if frame.code != "journal_full" and job.attempts <= RETRIES_AT_ONCE and session.prints:
        printer = lock_printer(session.shift.work, job.store_id, job.printer)
        session.shift.send(session.agent, printer, job)


def on_begin(session: Session, frame: Begin) -> None:
    """Grant `go` for a job that this agent has and that is still needed. A repeated question gets the same answer."""
    job = session.job(frame.job)
    if job is None:
        return
    is_own = job.agent_id == session.agent.id and session.prints
    if is_own and job.state == JobState.PRINTING:
        session.answer({"type": "go", "job": job.id})
    elif is_own and not job.state.final and not job.withdrawn and session.now < job.deadline:
        received_at = job.received_at or session.now
        session.shift.change(job, state=JobState.PRINTING, received_at=received_at, begun_at=session.now)
        session.answer({"type": "go", "job": job.id})
    else:
        session.answer(cancel_frame(job, job.withdrawn or "not_yours"))


def on_progress(session: Session, frame: Progress) -> None:
    """The job has begun, or stands still."""
    job = session.own_job(frame.job)
    if job is None or job.state.final:
        return
    first = {} if job.state == JobState.PRINTING else {"state": JobState.PRINTING, "begun_at": session.time(frame.at)}
    session.shift.change(job, held=frame.held, **first)


def on_result(session: Session, frame: Result) -> None:
    """The first result of a job is final. Each is answered with `noted`, so that the agent stops sending it."""
    session.answer(frames.noted([frame.job]))
    job = session.own_job(frame.job)
    if job is None:
        return
    if job.state.final:
        if job.state.value != frame.state:
            log.logger().warning("another end", extra={"job": job.id, "state": job.state, "reported": frame.state})
        return
    begun_at = session.time(frame.began) if frame.began is not None else job.begun_at
    result = {"code": frame.code, "evidence": frame.evidence, "copies": frame.copies, "begun_at": begun_at}
    state, corrected = _end_of(session, job, JobState(frame.state))
    job = session.shift.end(job, state, **result | corrected)
    session.free_printers |= {job.printer} | follow_up(session.shift, job)


def _end_of(session: Session, job: Job, reported: JobState) -> tuple[JobState, dict[str, str]]:
    """(the end, the fields that differ from the result). `cancelled` is only for a ticket that a person withdrew."""
    if reported != JobState.CANCELLED or not is_still_needed(job):
        return reported, {}
    if session.now >= job.deadline:
        return JobState.EXPIRED, {"code": "late"}
    if job.withdrawn or not job.moved_from:
        return reported, {"withdrawn": "moved"}
    return JobState.FAILED, {"code": GIVEN_BACK}


def on_printer(session: Session, frame: PrinterState) -> None:
    """Store and announce the state of a printer. Its waiting jobs go on, or go to the backup."""
    if not session.prints:
        return
    work, store_id = session.shift.work, session.shift.store_id
    printers = read_printers(work, store_id)
    if frame.printer not in printers and len(printers) >= MAX_PRINTERS:
        log.logger().warning("one printer too many", extra={"printer": frame.printer, "agent": session.agent.id})
        return
    printer = lock_printer(work, store_id, frame.printer)
    reported_at = session.time(frame.at) if frame.at is not None else session.now
    if printer.reported_at and reported_at < printer.reported_at:
        return  # frames of one connection may be handled in any order
    _store_state(session, printer, replace(printer, reported_at=reported_at, **_state_of(frame)))


def _store_state(session: Session, before: Printer, after: Printer) -> None:
    changed = after.can_print != before.can_print or before.state is None
    changed_at = session.now if changed else before.changed_at
    update_printer_state(session.shift.work, replace(after, agent_id=session.agent.id, changed_at=changed_at))
    if _state_of(after) != _state_of(before):
        fields = {name: value for name, value in _state_of(after).items() if name != "proof"}
        fields |= {"printer": after.id, "before": before.state, "can_print": after.can_print}
        session.announce(PrintingPrinterChanged, **fields)
    if changed:
        update_due_at(session.shift.work, after.store_id, after.id, session.now + timedelta(seconds=1))
        session.free_printers.add(after.id)


def _state_of(source: PrinterState | Printer) -> dict[str, Any]:
    return {name: getattr(source, name) for name in _STATE_FIELDS}


def on_beat(session: Session) -> None:
    """Answer with the time. Where the store has several agents, repeat the role: its frame may have been lost."""
    session.answer({"type": "beat", "time": session.now.timestamp()})
    agents = read_agents_of_store(session.shift.work, session.agent.store_id)
    others = [agent for agent in agents if agent.id != session.agent.id]
    if session.agent.held or must_confirm(session.agent, others, session.now):
        session.answer({"type": "role", "role": "printing" if session.prints else "standby"})


def on_bye(session: Session) -> None:
    """This connection ends. The agent may have a newer one."""
    delete_connection(session.shift.work, session.connection, session.agent.id)
