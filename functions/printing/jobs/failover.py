"""A withdrawn job has ended: a new job for the backup printer, or a cancellation slip for a cancelled order."""

from functions.printing.jobs.cancellation import ORDER_CANCELLED, add_slips
from functions.printing.jobs.new_jobs import NewJob
from functions.printing.jobs.shift import Shift
from functions.printing.states import JobState
from functions.printing.tables.jobs import Job, lock_jobs_of_order
from functions.printing.tables.orders import lock_order_mark
from functions.printing.tables.printers import Printer, read_printers
from functions.printing.tables.setups import Setup


def backup_of(setup: Setup, printers: dict[str, Printer], job: Job) -> str | None:
    """The backup of the station, else of the printer. None if it cannot print, or if the job is at a backup already."""
    if job.moved_from:
        return None
    station, printer = setup.routing.station(job.station), printers.get(job.printer)
    backup_id = (station.backup if station else None) or (printer.backup if printer else None)
    if backup_id is None or backup_id == job.printer:
        return None
    backup = printers.get(backup_id)
    return backup_id if backup and backup.can_print and backup.state else None


def queue_at_backup(shift: Shift, job: Job) -> set[str]:
    """A new job for one that ended before it began: where a person wants it, at the backup, or at the same printer."""
    printer = job.move_to or backup_of(shift.setup, read_printers(shift.work, shift.store_id), job) or job.printer
    new_job = NewJob(job.ticket, printer, job.deadline, job.station, job.order_id, job.original_id, moved_from=job.id)
    shift.queue([new_job])
    return {printer}


def follow_up(shift: Shift, job: Job) -> set[str]:
    """Queue what the end of a withdrawn job requires. Returns the printers with new jobs."""
    if job.withdrawn == "moved" and job.state == JobState.CANCELLED:
        return queue_at_backup(shift, job)
    if job.withdrawn == ORDER_CANCELLED and job.state in (JobState.PRINTED, JobState.UNKNOWN) and job.order_id:
        mark = lock_order_mark(shift.work, job.order_id)
        jobs = lock_jobs_of_order(shift.work, job.order_id)
        return add_slips(shift, [job], jobs, mark.reason or "", shift.now)
    return set()
