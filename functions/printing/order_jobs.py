"""An order's print jobs: made once, however often it is heard of; called off wherever they have got to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.printing import drawer, frames, store_agents
from functions.printing import store as sql
from functions.printing.compose import compose
from functions.printing.dispatch import Mail, claim, print_soon
from functions.printing.due import ACKNOWLEDGED_WITHIN
from functions.printing.jobs import Wanted, change, end, queue
from functions.printing.models import Ticket, TicketKind
from functions.printing.routing import Routed, tickets
from functions.printing.states import JobState
from functions.printing.store import Job, OrderMark, Setup
from shared.environment import Environment
from shared.messages.orders import Order
from shared.outbox import Work

CALLED_OFF = "order_cancelled"
# What nobody acts upon any more is not worth a slip.
_SLIPS_FOR = {TicketKind.KITCHEN, TicketKind.PACKING, TicketKind.LABEL}
# Paper may be out of these, or nobody knows.
_ON_PAPER = {JobState.PRINTING, JobState.PRINTED, JobState.UNKNOWN}


def print_order(house: Environment, order: Order, said_at: datetime, *, paid: bool) -> None:
    """Make the jobs that an order has not had: tickets when its store wants them, receipts once it is paid."""
    now = house.clock()
    with house.outbox.work("printing") as work:
        setup = sql.read_setup(work, order.store)
        if setup is None or not setup.routing.stations:
            return
        # Once paid, both are due, whatever was missed.
        if not (paid or setup.routing.prints_on == "placed"):
            return
        parts = _claim_parts(work, OrderMark(order.id, order.store, now, now if paid else None))
        routed = [one for receipts in parts for one in tickets(order, setup.routing, receipts=receipts)]
        if routed:
            wanted = _with_drawer(work, setup, order, _wanted(order, setup, routed, said_at), said_at)
            print_soon(house, work, setup, wanted, now)


def _claim_parts(work: Work, due: OrderMark) -> list[bool]:
    """Mark as made what is due and was not: False for tickets, True for receipts. None of an order called off."""
    made = OrderMark(due.order_id, due.store_id)
    if not sql.add_order(work, due):
        made = sql.lock_order(work, due.order_id)
        if made.cancelled_at:
            return []
        tickets_at, receipts_at = made.tickets_at or due.tickets_at, made.receipts_at or due.receipts_at
        sql.mark_order(work, replace(made, tickets_at=tickets_at, receipts_at=receipts_at))
    parts = ((False, due.tickets_at, made.tickets_at), (True, due.receipts_at, made.receipts_at))
    return [receipts for receipts, due_at, made_at in parts if due_at and not made_at]


def _wanted(order: Order, setup: Setup, routed: Sequence[Routed], said_at: datetime) -> list[Wanted]:
    """The tickets, each as often as its station wants it."""
    return [
        Wanted(
            _ticket(order, setup, one),
            one.station.printer,
            said_at + setup.routing.patience_for(one.kind),
            one.station.id,
            order.id,
        )
        for one in routed
        for _ in range(one.station.copies)
    ]


def _with_drawer(work: Work, setup: Setup, order: Order, wanted: list[Wanted], said_at: datetime) -> list[Wanted]:
    """The same tickets; one of them opens the drawer where cash was taken at a till just now."""
    until = drawer.opens_until(order, said_at)
    if until is None or not any(ticket.ticket.kind == TicketKind.RECEIPT for ticket in wanted):
        return wanted
    return drawer.with_drawer(wanted, sql.printers(work, setup.place.store), until)


def _ticket(order: Order, setup: Setup, routed: Routed) -> Ticket:
    station, kind, lines = routed
    ticket = compose(
        order, kind, store=setup.name, timezone=setup.timezone, language=station.language, station=station.name,
        lines=lines,
    )  # fmt: skip
    qr = station.qr and station.qr.replace("{order}", order.id)
    return ticket.model_copy(update={"header": station.header, "footer": station.footer, "qr": qr})


def call_off(house: Environment, order: Order, reason: str, said_at: datetime) -> None:
    """Withdraw what is not printed, and print a slip wherever a ticket may be. Heard of first, it prevents them all."""
    now = house.clock()
    with house.outbox.work("printing") as work:
        setup = sql.read_setup(work, order.store)
        if setup is None:
            return
        if not _call_off(work, OrderMark(order.id, order.store, cancelled_at=now, reason=reason[:200])):
            return
        agent = store_agents.read_agent(work, setup.printing_agent) if setup.printing_agent else None
        mail = Mail(house)
        jobs = sql.jobs_of_order(work, order.id)
        for job in jobs:
            withdraw(work, mail, agent, job, CALLED_OFF, now)
        slips = [job for job in jobs if job.state in _ON_PAPER]
        printers = add_slips(work, setup, slips, jobs, reason, said_at, now)
        claim(work, mail, setup, agent, printers, now)
        work.then(mail.deliver)


def _call_off(work: Work, mark: OrderMark) -> bool:
    """False where it was before."""
    if sql.add_order(work, mark):
        return True
    made = sql.lock_order(work, mark.order_id)
    if made.cancelled_at:
        return False
    sql.mark_order(work, replace(made, cancelled_at=mark.cancelled_at, reason=mark.reason))
    return True


def withdraw(work: Work, mail: Mail, agent: store_agents.Agent | None, job: Job, reason: str, now: datetime) -> Job:
    """A job that was never sent ends here; one that was is asked back, and its agent's answer decides."""
    if job.state == JobState.QUEUED:
        return end(work, job, JobState.CANCELLED, now, code=reason)
    if job.state not in (JobState.SENT, JobState.RECEIVED, JobState.PRINTING):
        return job
    if agent and job.agent_id == agent.id:
        mail.add(agent, frames.cancel(job, reason))
    if job.withdrawn == CALLED_OFF:  # its slip depends on that
        reason = CALLED_OFF
    return change(work, job, withdrawn=reason, due_at=now + ACKNOWLEDGED_WITHIN)


def add_slips(
    work: Work, setup: Setup, printed: Sequence[Job], jobs: Sequence[Job], reason: str, said_at: datetime, now: datetime
) -> set[str]:
    """One slip for each printer and station that may have a ticket of the order and none yet; their printers."""
    have = {(job.printer, job.station) for job in jobs if job.kind == TicketKind.CANCELLATION}
    wanted: dict[tuple[str, str | None], Job] = {}
    for job in printed:
        if job.kind in _SLIPS_FOR and (job.printer, job.station) not in have:
            wanted.setdefault((job.printer, job.station), job)
    patience = timedelta(seconds=setup.routing.patience.cancellation)
    slips = [
        Wanted(slip_of(job.ticket, reason), job.printer, said_at + patience, job.station, job.order_id)
        for job in wanted.values()
    ]
    return {job.printer for job in queue(work, setup, slips, now)} if slips else set()


def slip_of(ticket: Ticket, reason: str) -> Ticket:
    """The cancellation slip for whoever has this ticket."""
    return ticket.model_copy(update={"kind": TicketKind.CANCELLATION, "reason": reason, "reprint": 0, "bill": None})
