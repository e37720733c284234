"""Tickets that get a number at their printer, and become jobs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.printing.tables.jobs import Job
from functions.printing.tables.printers import Printer, lock_printers, update_last_seq
from functions.printing.tables.setups import Setup
from functions.printing.ticket.records import Ticket
from shared.contracts.ids import new_id
from shared.spine.outbox import Work


@dataclass(frozen=True)
class NewJob:
    """A ticket for a printer, without a number yet."""

    ticket: Ticket
    printer: str
    deadline: datetime
    station: str | None = None
    order: str | None = None
    # The first job of the ticket, where this one prints it again or replaces it.
    original: str | None = None
    # The job that this one replaces at a backup printer.
    moved_from: str | None = None
    # Why a person prints it again.
    reason: str | None = None
    # Why the ticket is late before its job exists.
    code: str | None = None
    # Derived from the order and the place of the ticket. So an order that is sent to another region prints once.
    id: str | None = None


def number_jobs(
    work: Work, setup: Setup, new_jobs: Sequence[NewJob], now: datetime
) -> tuple[dict[str, Printer], list[Job]]:
    """(the printers, locked; the jobs with their numbers, not stored yet)."""
    by_printer: dict[str, list[NewJob]] = defaultdict(list)
    for new_job in new_jobs:
        by_printer[new_job.printer].append(new_job)
    printers = lock_printers(work, setup.store_id, by_printer)
    jobs: list[Job] = []
    for printer, group in sorted(by_printer.items()):
        seqs = update_last_seq(work, printers[printer], len(group))
        jobs += [_job(setup, new_job, seq, now) for new_job, seq in zip(group, seqs, strict=True)]
    return printers, jobs


def _job(setup: Setup, new_job: NewJob, seq: int, now: datetime) -> Job:
    queue_id, patience = new_id(now), setup.routing.patience
    job_id = new_job.id or queue_id
    soonest = timedelta(seconds=min(patience.person, patience.backup))
    return Job(
        store_id=setup.store_id,
        id=job_id,
        queue_id=queue_id,
        order_id=new_job.order,
        kind=new_job.ticket.kind,
        station=new_job.station,
        printer=new_job.printer,
        seq=seq,
        queued_at=now,
        deadline=new_job.deadline,
        due_at=min(new_job.deadline, now + soonest),
        original_id=new_job.original or job_id,
        reprint=new_job.ticket.reprint,
        moved_from=new_job.moved_from,
        ticket=new_job.ticket,
        code=new_job.code,
        last_sequence=1,
        reason=new_job.reason,
    )
