"""An order's print jobs: made once, however often it is heard of; called off wherever they have got to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.printing.jobs import drawer, timing
from functions.printing.jobs.changes import Wanted, change, end, queue
from functions.printing.jobs.dispatch import Mail, claim, print_soon
from functions.printing.jobs.erasing import is_erased
from functions.printing.jobs.next_step import ACKNOWLEDGED_WITHIN
from functions.printing.link import frames
from functions.printing.routing import Routed, tickets
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent, read_agent
from functions.printing.tables.jobs import Job, lock_jobs_of_order
from functions.printing.tables.orders import OrderMark, insert_order_mark, lock_order_mark, update_order_mark
from functions.printing.tables.plans import Plan, delete_plan, delete_plans_of_order, insert_plan
from functions.printing.tables.printers import read_printers
from functions.printing.tables.setups import Setup, read_setup
from functions.printing.ticket.records import Ticket, TicketKind
from functions.printing.ticket.ticket_from_order import compose
from shared.contracts.messages.orders import Order
from shared.contracts.messages.printing import PrintOrderPlanned
from shared.spine.env import Environment
from shared.spine.outbox import Work

CALLED_OFF = "order_cancelled"
# What nobody acts upon any more is not worth a slip.
_SLIPS_FOR = {TicketKind.KITCHEN, TicketKind.PACKING, TicketKind.LABEL}
# Paper may be out of these, or nobody knows.
_ON_PAPER = {JobState.PRINTING, JobState.PRINTED, JobState.UNKNOWN}


def print_order(env: Environment, order: Order, said_at: datetime, *, paid: bool) -> None:
    """Make the jobs that an order has not had: tickets when its store wants them, receipts once it is paid.

    What is for later is planned instead, and made by `print_planned` when its time has come.
    """
    now = env.clock()
    with env.outbox.work("printing") as work:
        setup = read_setup(work, order.store_key)
        # A store may open its stations before the time of an order for later.
        if setup is None or not (setup.routing.stations or (order.wanted_for and setup.revision)):
            return
        # Once paid, both are due, whatever was missed.
        if not (paid or setup.routing.prints_on == "placed"):
            return
        if order.guest and is_erased(work, order.id):
            order = order.model_copy(update={"guest": None})
        wanted: list[Wanted] = []
        for receipts in _claim_parts(work, OrderMark(order.id, order.store_key, now, now if paid else None)):
            due_at = timing.begins_at(order, said_at, receipts=receipts)
            if due_at > now + timing.SOON:
                _plan(work, setup, order, Plan(order.id, receipts, setup.store_id, due_at))
            else:
                wanted += _wanted(order, setup, said_at, due_at, receipts=receipts)
        if wanted:
            print_soon(env, work, setup, _with_drawer(work, setup, order, wanted, said_at), now)


def _plan(work: Work, setup: Setup, order: Order, plan: Plan) -> None:
    insert_plan(work, plan, order.model_dump_json())
    if not tickets(order, setup.routing, receipts=plan.receipts):
        return  # no station has any, unless one is opened before the time
    planned = PrintOrderPlanned(
        order=order.id, store=order.store, chain=order.chain, receipts=plan.receipts, begins_at=plan.begins_at
    )
    # An order has at most two plans, and announces each once.
    sequence = 2 if plan.receipts else 1
    subject, about = f"plan/{order.id}", f"order/{order.id}"
    work.announce(planned, subject=subject, sequence=sequence, store=plan.store_id, about=about)


def print_planned(env: Environment, plan: Plan) -> None:
    """Make the jobs of an order for later, unless it was called off."""
    now = env.clock()
    with env.outbox.work("printing") as work:
        lock_order_mark(work, plan.order_id)
        document, setup = delete_plan(work, plan), read_setup(work, plan.store_id)
        if document is None or setup is None:
            return
        order = Order.model_validate_json(document)
        # What came in time when it was planned is not late now.
        routed = tickets(order, setup.routing, receipts=plan.receipts)
        wanted = _of_stations(order, setup, routed, plan.begins_at, None)
        if wanted:
            print_soon(env, work, setup, wanted, now)


def _claim_parts(work: Work, due: OrderMark) -> list[bool]:
    """Mark as made what is due and was not: False for tickets, True for receipts. None of an order called off."""
    made = OrderMark(due.order_id, due.store_id)
    if not insert_order_mark(work, due):
        made = lock_order_mark(work, due.order_id)
        if made.cancelled_at:
            return []
        tickets_at, receipts_at = made.tickets_at or due.tickets_at, made.receipts_at or due.receipts_at
        update_order_mark(work, replace(made, tickets_at=tickets_at, receipts_at=receipts_at))
    parts = ((False, due.tickets_at, made.tickets_at), (True, due.receipts_at, made.receipts_at))
    return [receipts for receipts, due_at, made_at in parts if due_at and not made_at]


def _wanted(order: Order, setup: Setup, said_at: datetime, due_at: datetime, *, receipts: bool) -> list[Wanted]:
    """The receipts of an order, or its other tickets; those that it came too late for, too."""
    routed = tickets(order, setup.routing, receipts=receipts)
    late = timing.late(order, setup.routing, routed, said_at, receipts=receipts)
    return _of_stations(order, setup, routed, due_at, late)


def _of_stations(
    order: Order, setup: Setup, routed: Sequence[Routed], due_at: datetime, late: timing.Late | None
) -> list[Wanted]:
    """The tickets, each as often as its station wants it."""
    return [
        Wanted(
            _ticket(order, setup, ticket),
            ticket.station.printer,
            late.since if late else due_at + setup.routing.patience_for(ticket.kind),
            ticket.station.id,
            order.id,
            code=late.code if late else None,
        )
        for ticket in routed
        for _ in range(ticket.station.copies)
    ]


def _with_drawer(work: Work, setup: Setup, order: Order, wanted: list[Wanted], said_at: datetime) -> list[Wanted]:
    """The same tickets; one of them opens the drawer where cash was taken at a till just now."""
    until = drawer.opens_until(order, said_at)
    if until is None or not any(ticket.ticket.kind == TicketKind.RECEIPT for ticket in wanted):
        return wanted
    return drawer.with_drawer(wanted, read_printers(work, setup.store_id), until)


def _ticket(order: Order, setup: Setup, routed: Routed) -> Ticket:
    station, kind, lines = routed
    ticket = compose(
        order, kind, store=setup.name, timezone=setup.timezone, language=station.language, station=station.name,
        lines=lines,
    )  # fmt: skip
    qr = station.qr and station.qr.replace("{order}", order.id)
    return ticket.model_copy(update={"header": station.header, "footer": station.footer, "qr": qr})


def call_off(env: Environment, order: Order, reason: str, said_at: datetime) -> None:
    """Withdraw what is not printed, and print a slip wherever a ticket may be. Heard of first, it prevents them all."""
    now = env.clock()
    with env.outbox.work("printing") as work:
        setup = read_setup(work, order.store_key)
        if setup is None:
            return
        if not _call_off(work, OrderMark(order.id, order.store_key, cancelled_at=now, reason=reason[:200])):
            return
        agent = read_agent(work, setup.printing_agent) if setup.printing_agent else None
        mail = Mail(env)
        jobs = lock_jobs_of_order(work, order.id)
        for job in jobs:
            withdraw(work, mail, agent, job, CALLED_OFF, now)
        slips = [job for job in jobs if job.state in _ON_PAPER]
        printers = add_slips(work, setup, slips, jobs, reason, said_at, now)
        claim(work, mail, setup, agent, printers, now)
        work.then(mail.deliver)


def _call_off(work: Work, mark: OrderMark) -> bool:
    """False where it was before."""
    if insert_order_mark(work, mark):
        return True
    made = lock_order_mark(work, mark.order_id)
    if made.cancelled_at:
        return False
    delete_plans_of_order(work, mark.order_id)
    update_order_mark(work, replace(made, cancelled_at=mark.cancelled_at, reason=mark.reason))
    return True


def withdraw(work: Work, mail: Mail, agent: Agent | None, job: Job, reason: str, now: datetime) -> Job:
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
