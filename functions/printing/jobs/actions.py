"""Actions of a person on a job: move, reprint, cancel, resolve; and a test page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from functions.printing.jobs.cancellation import withdraw
from functions.printing.jobs.changes import announce, message_fields
from functions.printing.jobs.failover import queue_at_backup
from functions.printing.jobs.new_jobs import NewJob
from functions.printing.jobs.shift import Shift
from functions.printing.states import JobState
from functions.printing.tables.jobs import Job, lock_job, read_reprints
from functions.printing.ticket.records import Ticket, TicketKind
from shared.contracts.messages.printing import PrintJobResolved
from shared.spine.errors import Conflict, NotFound

Resolution = Literal["on_paper", "again", "dismissed"]
BY_HAND = "by_hand"
MOVED = "moved"


def locked_job(shift: Shift, job_id: str) -> Job:
    """A job of the store, locked. Raises `NotFound`."""
    job = lock_job(shift.work, shift.store_id, job_id)
    if job is None:
        raise NotFound("unknown_job", f"there is no job {job_id}")
    return job


def move(shift: Shift, job: Job, printer: str) -> Job:
    """Print a job that has not begun at another printer. An agent that has the job returns it first.

    Raises `Conflict` for a job that prints, has ended, or is being withdrawn.
    """
    if job.state not in (JobState.QUEUED, JobState.SENT, JobState.RECEIVED) or job.withdrawn:
        raise Conflict("illegal_move", f"the job is {job.state} and cannot move", extensions={"state": job.state})
    if job.state != JobState.QUEUED:
        return shift.change(withdraw(shift, job, MOVED), move_to=printer)
    ended = shift.end(replace(job, move_to=printer), JobState.CANCELLED, code=MOVED)
    shift.send_queued(queue_at_backup(shift, ended))
    return ended


def reprint(shift: Shift, job: Job, printer: str | None, reason: str | None = None) -> Job:
    """Print a copy that says REPRINT and its number, at the printer of the job or at another."""
    number = read_reprints(shift.work, job.store_id, job.original_id) + 1
    ticket = job.ticket.model_copy(update={"reprint": number})
    deadline = shift.now + shift.setup.routing.patience_for(ticket.kind)
    target = (printer or job.printer, deadline, job.station, job.order_id, job.original_id)
    new_job = NewJob(ticket, *target, reason=reason)
    [copy] = shift.print_now([new_job])
    return copy


def cancel(shift: Shift, job: Job) -> Job:
    """Withdraw a job. An agent that has begun it decides its end. Raises `Conflict` for a job that has ended."""
    if job.state.final:
        raise Conflict("illegal_move", f"the job is {job.state}", extensions={"state": job.state})
    return withdraw(shift, job, BY_HAND)


def resolve(shift: Shift, job: Job, resolution: Resolution, by: str, *, printer: str | None = None) -> Job:
    """Store what a person decided about a job. A job that has not ended becomes `unknown` first: paper may exist.

    `again` prints a copy, at the printer of the job or at another. Raises `Conflict` for a job that waits for no
    person, or that has another resolution.
    """
    if job.resolution == resolution:
        return job
    if job.attention is None or job.resolution:
        raise Conflict("nothing_to_resolve", "no person is needed for this job", extensions={"state": job.state})
    if not job.state.final:
        job = _abandon(shift, job)
    job = replace(job, attention=None, resolution=resolution, resolved_by=by, resolved_at=shift.now)
    job = announce(shift.work, job, PrintJobResolved(**message_fields(job), resolution=resolution, by=by))
    if resolution == "again":
        reprint(shift, job, printer)
    return job


def _abandon(shift: Shift, job: Job) -> Job:
    """Cancel a job that no agent has. A job at an agent is asked back and becomes `unknown`."""
    if job.state == JobState.QUEUED:
        return shift.end(job, JobState.CANCELLED, code=BY_HAND)
    return shift.end(cancel(shift, job), JobState.UNKNOWN, code=BY_HAND)


def print_test_page(shift: Shift, printer: str, about: Sequence[str]) -> Job:
    """Print a page that describes its printer."""
    ticket = Ticket(kind=TicketKind.TEST, store=shift.setup.name, station=printer, about=list(about))
    deadline = shift.now + timedelta(seconds=shift.setup.routing.patience.test)
    [job] = shift.print_now([NewJob(ticket, printer, deadline)])
    return job
