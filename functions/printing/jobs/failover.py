"""What follows a withdrawn job: one in its place, where its printer cannot print; a slip, where its order is off."""

from datetime import datetime

from functions.printing.jobs.changes import Wanted, queue
from functions.printing.jobs.order_jobs import CALLED_OFF, add_slips
from functions.printing.states import JobState
from functions.printing.tables.jobs import Job, lock_jobs_of_order
from functions.printing.tables.orders import lock_order_mark
from functions.printing.tables.printers import Printer, read_printers
from functions.printing.tables.setups import Setup
from shared.spine.outbox import Work


def backup_of(setup: Setup, printers: dict[str, Printer], job: Job) -> str | None:
    """The station's backup, else the printer's; None where there is none that can print, or it has moved before."""
    if job.moved_from:
        return None
    station, printer = setup.routing.station(job.station), printers.get(job.printer)
    wanted = (station.backup if station else None) or (printer.backup if printer else None)
    if wanted is None or wanted == job.printer:
        return None
    found = printers.get(wanted)
    return wanted if found and found.can_print and found.state else None


def move_to_backup(work: Work, setup: Setup, job: Job, now: datetime) -> set[str]:
    """A new job in place of one that ended with nothing begun; its printer: the old one where there is no other."""
    to = backup_of(setup, read_printers(work, setup.store_id), job) or job.printer
    wanted = Wanted(job.ticket, to, job.deadline, job.station, job.order_id, job.original_id, moved_from=job.id)
    queue(work, setup, [wanted], now)
    return {to}


def follow(work: Work, setup: Setup, job: Job, now: datetime) -> set[str]:
    """What a withdrawn job's end brings about; the printers that have something new to print."""
    if job.withdrawn == "moved" and job.state == JobState.CANCELLED:
        return move_to_backup(work, setup, job, now)
    if job.withdrawn == CALLED_OFF and job.state in (JobState.PRINTED, JobState.UNKNOWN) and job.order_id:
        mark = lock_order_mark(work, job.order_id)
        jobs = lock_jobs_of_order(work, job.order_id)
        return add_slips(work, setup, [job], jobs, mark.reason or "", now, now)
    return set()
