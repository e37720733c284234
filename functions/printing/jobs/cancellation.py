"""A cancelled order: its jobs are withdrawn, and a slip is printed at each place that may have a ticket."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.printing.jobs.new_jobs import NewJob
from functions.printing.jobs.next_step import ACKNOWLEDGED_WITHIN
from functions.printing.jobs.outbound import cancel_frame
from functions.printing.jobs.shift import Shift
from functions.printing.states import JobState
from functions.printing.tables.jobs import Job, lock_jobs_of_order
from functions.printing.tables.orders import OrderMark, insert_order_mark, lock_order_mark, update_order_mark
from functions.printing.tables.plans import delete_plans_of_order
from functions.printing.tables.setups import read_setup
from functions.printing.ticket.records import Ticket, TicketKind
from functions.printing.ticket.ticket_from_order import slip_of
from shared.contracts.messages.orders import Order
from shared.spine.env import Environment
from shared.spine.outbox import Work

ORDER_CANCELLED = "order_cancelled"
# Staff act on these tickets, so a slip is worth its paper.
_SLIPS_FOR = {TicketKind.KITCHEN, TicketKind.PACKING, TicketKind.LABEL, TicketKind.CHANGE}
# Paper of these jobs may exist.
_ON_PAPER = {JobState.PRINTING, JobState.PRINTED, JobState.UNKNOWN}


def cancel_order(env: Environment, order: Order, reason: str, occurred_at: datetime) -> None:
    """Withdraw the jobs of an order and print slips. An order cancelled before it was printed is never printed."""
    now = env.clock()
    with env.outbox.work("printing") as work:
        setup = read_setup(work, order.store_key)
        if setup is None:
            return
        if not _mark_cancelled(work, OrderMark(order.id, order.store_key, cancelled_at=now, reason=reason[:200])):
            return
        shift = Shift(env, work, setup, now)
        jobs = lock_jobs_of_order(work, order.id)
        for job in jobs:
            withdraw(shift, job, ORDER_CANCELLED)
        printed = [job for job in jobs if job.state in _ON_PAPER]
        shift.send_queued(add_slips(shift, printed, jobs, reason, occurred_at))


def _mark_cancelled(work: Work, mark: OrderMark) -> bool:
    """False where the order was cancelled before."""
    if insert_order_mark(work, mark):
        return True
    stored = lock_order_mark(work, mark.order_id)
    if stored.cancelled_at:
        return False
    delete_plans_of_order(work, mark.order_id)
    update_order_mark(work, replace(stored, cancelled_at=mark.cancelled_at, reason=mark.reason))
    return True


def withdraw(shift: Shift, job: Job, reason: str) -> Job:
    """End a job that was never sent. Ask the agent to return a job that was sent: its answer decides."""
    if job.state == JobState.QUEUED:
        return shift.end(job, JobState.CANCELLED, code=reason)
    if job.state not in (JobState.SENT, JobState.RECEIVED, JobState.PRINTING):
        return job
    agent = shift.agent
    if agent and job.agent_id == agent.id:
        shift.push(agent, cancel_frame(job, reason))
    if job.withdrawn == ORDER_CANCELLED:  # its slip depends on that
        reason = ORDER_CANCELLED
    return shift.change(job, withdrawn=reason, due_at=shift.now + ACKNOWLEDGED_WITHIN)


def add_slips(
    shift: Shift, printed: Sequence[Job], jobs: Sequence[Job], reason: str, occurred_at: datetime
) -> set[str]:
    """A slip for each printer and station with a ticket of the order and without a slip. Returns the printers."""
    have = {(job.printer, job.station) for job in jobs if job.kind == TicketKind.CANCELLATION}
    tickets: dict[tuple[str, str | None], list[Job]] = {}
    for job in printed:
        if job.kind in _SLIPS_FOR and (job.printer, job.station) not in have:
            tickets.setdefault((job.printer, job.station), []).append(job)
    deadline = occurred_at + timedelta(seconds=shift.setup.routing.patience.cancellation)
    slips = [
        NewJob(slip_of(_whole_ticket(station_jobs), reason), printer, deadline, station, station_jobs[0].order_id)
        for (printer, station), station_jobs in tickets.items()
    ]
    return {job.printer for job in shift.queue(slips)} if slips else set()


def _whole_ticket(jobs: Sequence[Job]) -> Ticket:
    """The first ticket of a station, with the lines of later rounds of the bill."""
    rounds = {job.original_id: job.ticket for job in jobs if job.kind == TicketKind.CHANGE}
    first = next((job.ticket for job in jobs if job.kind != TicketKind.CHANGE), None)
    added = [line for ticket in rounds.values() for line in ticket.lines if line.mark != "removed"]
    return (first or jobs[0].ticket).model_copy(update={"lines": [*(first.lines if first else []), *added]})
