"""Print jobs and their changes: what is kept, and what is told of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from functions.printing.jobs.next_step import Standing
from functions.printing.jobs.store_names import names_of
from functions.printing.states import LATE_UPLOAD, JobState, move
from functions.printing.tables.jobs import Job, insert_jobs, update_job
from functions.printing.tables.printers import Printer, lock_printers, update_last_seq
from functions.printing.tables.setups import Setup
from functions.printing.ticket.records import Ticket
from shared.contracts.ids import new_id
from shared.contracts.messages import MessageData
from shared.contracts.messages.printing import (
    PrintingNeedsPerson,
    PrintJobCancelled,
    PrintJobExpired,
    PrintJobFailed,
    PrintJobPrinted,
    PrintJobQueued,
    PrintJobUnknown,
)
from shared.spine.outbox import Work

_ENDED: dict[JobState, Any] = {
    JobState.PRINTED: PrintJobPrinted,
    JobState.FAILED: PrintJobFailed,
    JobState.UNKNOWN: PrintJobUnknown,
    JobState.EXPIRED: PrintJobExpired,
    JobState.CANCELLED: PrintJobCancelled,
}
FOR_A_PERSON = {JobState.FAILED, JobState.UNKNOWN, JobState.EXPIRED}


@dataclass(frozen=True)
class Wanted:
    """A ticket that is to be printed, not yet numbered. `original`: the job that it prints again, or replaces.

    `code`: why it is late before it is made, and not for want of a printer.
    """

    ticket: Ticket
    printer: str
    deadline: datetime
    station: str | None = None
    order: str | None = None
    original: str | None = None
    moved_from: str | None = None
    code: str | None = None


def queue(work: Work, setup: Setup, wanted: Sequence[Wanted], now: datetime) -> list[Job]:
    """Number, keep and announce jobs. What is late already goes to a person instead of a printer."""
    return keep(work, number(work, setup, wanted, now)[1], now)


def number(work: Work, setup: Setup, wanted: Sequence[Wanted], now: datetime) -> tuple[dict[str, Printer], list[Job]]:
    """(the printers, locked; jobs that have their numbers and are not kept yet)."""
    by_printer: dict[str, list[Wanted]] = defaultdict(list)
    for one in wanted:
        by_printer[one.printer].append(one)
    printers = lock_printers(work, setup.store_id, by_printer)
    jobs: list[Job] = []
    for printer, some in sorted(by_printer.items()):
        seqs = update_last_seq(work, printers[printer], len(some))
        jobs += [_job(setup, one, seq, now) for one, seq in zip(some, seqs, strict=True)]
    return printers, jobs


def keep(work: Work, jobs: Sequence[Job], now: datetime) -> list[Job]:
    """Keep and announce numbered jobs."""
    insert_jobs(work, jobs)
    for job in jobs:
        _announce(work, job, 1, PrintJobQueued(**facts(job), deadline=job.deadline, moved_from=job.moved_from))
    return [
        end(work, job, JobState.EXPIRED, now, code=job.code or "late") if job.deadline <= now else job for job in jobs
    ]


def _job(setup: Setup, wanted: Wanted, seq: int, now: datetime) -> Job:
    job_id, patience = new_id(now), setup.routing.patience
    soonest = timedelta(seconds=min(patience.person, patience.backup))
    return Job(
        store_id=setup.store_id,
        id=job_id,
        order_id=wanted.order,
        kind=wanted.ticket.kind,
        station=wanted.station,
        printer=wanted.printer,
        seq=seq,
        queued_at=now,
        deadline=wanted.deadline,
        due_at=min(wanted.deadline, now + soonest),
        original_id=wanted.original or job_id,
        reprint=wanted.ticket.reprint,
        moved_from=wanted.moved_from,
        ticket=wanted.ticket,
        code=wanted.code,
        last_sequence=1,
    )


def change(work: Work, job: Job, **moved: Any) -> Job:
    """Keep what has moved of a job that has not ended. Only who sends it and the timer say when to look at it next."""
    if "state" in moved:
        move(job.state, moved["state"])
    job = replace(job, **moved)
    update_job(work, job)
    return job


def still_wanted(job: Job) -> bool:
    """Whether it is only in another place or hour that it is not to print; a person has not withdrawn it."""
    return job.withdrawn in (None, "late", "moved")


def standing(job: Job, *, confirms: bool = False) -> Standing:
    """As far as time matters."""
    told, withdrawn = job.attention is not None, job.withdrawn is not None
    times = (job.queued_at, job.deadline, job.sent_at, job.begun_at)
    return Standing(job.state, *times, told=told, withdrawn=withdrawn, confirms=confirms)


def end(work: Work, job: Job, state: JobState, now: datetime, **found: Any) -> Job:
    """End a job for good: keep it, say so, and tell a person where only a person can help.

    `found`: code, evidence, copies, begun_at.
    """
    move(job.state, state)
    job = replace(job, state=state, ended_at=now, due_at=None, held=None, **found)
    attention = state.value if state in FOR_A_PERSON and job.code != LATE_UPLOAD else None
    job = replace(job, attention=attention, attention_at=now if attention else None)
    told: list[MessageData] = [_ENDED[state](**facts(job), **_proof(job))]
    if attention:
        told.append(PrintingNeedsPerson(**facts(job), reason=attention, code=job.code))
    return tell(work, job, *told)


def tell(work: Work, job: Job, *said: MessageData) -> Job:
    """Announce things of a job, and keep it."""
    for sequence, data in enumerate(said, start=job.last_sequence + 1):
        _announce(work, job, sequence, data)
    job = replace(job, last_sequence=job.last_sequence + len(said))
    update_job(work, job)
    return job


def facts(job: Job) -> dict[str, Any]:
    """What every message about a job says."""
    return {
        "job": job.id,
        **names_of(job.store_id),
        "order": job.order_id,
        "kind": job.kind,
        "station": job.station,
        "printer": job.printer,
        "reprint": job.reprint,
    }


def _proof(job: Job) -> dict[str, Any]:
    known = {"code": job.code, "evidence": job.evidence, "agent": job.agent_id}
    return known | ({"copies": job.copies or 1} if job.state == JobState.PRINTED else {})


def _announce(work: Work, job: Job, sequence: int, data: MessageData) -> None:
    about = f"order/{job.order_id}" if job.order_id else None
    work.announce(data, subject=f"job/{job.id}", sequence=sequence, store=job.store_id, about=about)
