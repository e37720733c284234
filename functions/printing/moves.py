"""A ticket whose printer cannot print goes to another one, as a job of its own."""

from datetime import datetime

from functions.printing import store as sql
from functions.printing.jobs import Wanted, queue
from functions.printing.store import Job, Printer, Setup
from shared.outbox import Work


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
    to = backup_of(setup, sql.printers(work, setup.place.store), job) or job.printer
    wanted = Wanted(job.ticket, to, job.deadline, job.station, job.order_id, job.original_id, moved_from=job.id)
    queue(work, setup, [wanted], now)
    return {to}
