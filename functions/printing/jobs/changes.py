"""Changes of print jobs: each is stored, and its end is announced."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.printing.jobs.store_names import names_of
from functions.printing.routing.timing import LATE_UPLOAD
from functions.printing.states import JobState, move
from functions.printing.tables.jobs import Job, insert_jobs, update_job
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

_MESSAGE_OF_END: dict[JobState, Any] = {
    JobState.PRINTED: PrintJobPrinted,
    JobState.FAILED: PrintJobFailed,
    JobState.UNKNOWN: PrintJobUnknown,
    JobState.EXPIRED: PrintJobExpired,
    JobState.CANCELLED: PrintJobCancelled,
}
FOR_A_PERSON = {JobState.FAILED, JobState.UNKNOWN, JobState.EXPIRED}


def store_jobs(work: Work, jobs: Sequence[Job], now: datetime) -> list[Job]:
    """Store and announce numbered jobs. A job that is late already expires here."""
    insert_jobs(work, jobs)
    for job in jobs:
        about = {"deadline": job.deadline, "moved_from": job.moved_from, "reason": job.reason}
        _announce(work, job, 1, PrintJobQueued(**message_fields(job), **about))
    return [
        end(work, job, JobState.EXPIRED, now, code=job.code or "late") if job.deadline <= now else job for job in jobs
    ]


def change(work: Work, job: Job, **changes: Any) -> Job:
    """Store changes of a job that has not ended. `due_at` is set only where a job is sent, and by the timer."""
    if "state" in changes:
        move(job.state, changes["state"])
    job = replace(job, **changes)
    update_job(work, job)
    return job


def end(work: Work, job: Job, state: JobState, now: datetime, **changes: Any) -> Job:
    """End a job: store the end, announce it, and alert a person where only a person can help.

    `changes`: code, evidence, copies, begun_at.
    """
    move(job.state, state)
    job = replace(job, state=state, ended_at=now, due_at=None, held=None, **changes)
    attention = state.value if state in FOR_A_PERSON and job.code != LATE_UPLOAD else None
    job = replace(job, attention=attention, attention_at=now if attention else None)
    messages: list[MessageData] = [_MESSAGE_OF_END[state](**message_fields(job), **_proof(job))]
    if attention:
        messages.append(PrintingNeedsPerson(**message_fields(job), reason=attention, code=job.code))
    return announce(work, job, *messages)


def announce(work: Work, job: Job, *messages: MessageData) -> Job:
    """Announce messages about a job, and store the job."""
    for sequence, data in enumerate(messages, start=job.last_sequence + 1):
        _announce(work, job, sequence, data)
    job = replace(job, last_sequence=job.last_sequence + len(messages))
    update_job(work, job)
    return job


def is_still_needed(job: Job) -> bool:
    """Whether the ticket is still to be printed at some place. False where a person withdrew it."""
    return job.withdrawn in (None, "late", "moved")


def message_fields(job: Job) -> dict[str, Any]:
    """The fields that every message about a job has."""
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
    fields = {"code": job.code, "evidence": job.evidence, "agent": job.agent_id}
    return fields | ({"copies": job.copies or 1} if job.state == JobState.PRINTED else {})


def _announce(work: Work, job: Job, sequence: int, data: MessageData) -> None:
    about = f"order/{job.order_id}" if job.order_id else None
    work.announce(data, subject=f"job/{job.id}", sequence=sequence, store=job.store_id, about=about)
