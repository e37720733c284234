"""An order's print jobs: each ticket is made once, however often the order is announced."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from functions.printing.jobs.new_jobs import NewJob
from functions.printing.jobs.shift import Shift
from functions.printing.routing import timing
from functions.printing.routing.rules import Routed, tickets
from functions.printing.tables.erasures import read_is_erased
from functions.printing.tables.orders import OrderMark, insert_order_mark, lock_order_mark, update_order_mark
from functions.printing.tables.plans import Plan, delete_plan, insert_plan
from functions.printing.tables.printers import Printer, read_printers
from functions.printing.tables.setups import Setup, read_setup
from functions.printing.ticket import drawer
from functions.printing.ticket.records import Ticket, TicketKind
from functions.printing.ticket.ticket_from_order import ticket_from_order
from shared.contracts.ids import derived_part_id
from shared.contracts.messages.orders import Order
from shared.contracts.messages.printing import PrintOrderPlanned
from shared.spine.env import Environment
from shared.spine.outbox import Work


def print_order(env: Environment, order: Order, occurred_at: datetime, *, paid: bool) -> None:
    """Make the jobs that an order lacks: tickets when its store wants them, receipts once it is paid.

    The tickets of a scheduled order are planned instead. `print_planned` makes them when their time has come.
    """
    now = env.clock()
    with env.outbox.work("printing") as work:
        setup = read_setup(work, order.store_key)
        if setup is None or not _prints(setup, order, paid=paid):
            return
        if order.guest and read_is_erased(work, order.id):
            order = order.model_copy(update={"guest": None})
        shift = Shift(env, work, setup, now)
        # A bill's kitchens get their tickets with its rounds, even if the payment is heard of first.
        marks = OrderMark(order.id, order.store_key, None if paid and order.opened else now, now if paid else None)
        # The kitchens have the lines of a split bill already, unless they wait for the payment.
        printed = order.split_from is not None and _prints(setup, order, paid=False)
        kinds = [receipts for receipts in _mark_as_made(work, marks) if receipts or not printed]
        new_jobs = _new_jobs(shift, order, occurred_at, kinds)
        if new_jobs:
            shift.print_now(_with_drawer(shift, order, new_jobs, occurred_at))


def _prints(setup: Setup, order: Order, *, paid: bool) -> bool:
    # A store may open its stations before the time of a scheduled order.
    if not (setup.routing.stations or (order.wanted_for and setup.revision)):
        return False
    # Once the order is paid, its tickets and receipts are both due, whatever was missed. A table eats before it pays.
    return paid or order.opened or setup.routing.prints_on == "placed"


def _mark_as_made(work: Work, due: OrderMark) -> list[bool]:
    """Mark what is due and was not made: False for tickets, True for receipts. Nothing of a cancelled order."""
    stored = OrderMark(due.order_id, due.store_id)
    if not insert_order_mark(work, due):
        stored = lock_order_mark(work, due.order_id)
        if stored.cancelled_at:
            return []
        tickets_at, receipts_at = stored.tickets_at or due.tickets_at, stored.receipts_at or due.receipts_at
        update_order_mark(work, replace(stored, tickets_at=tickets_at, receipts_at=receipts_at))
    pairs = ((False, due.tickets_at, stored.tickets_at), (True, due.receipts_at, stored.receipts_at))
    return [receipts for receipts, due_at, stored_at in pairs if due_at and not stored_at]


def _new_jobs(shift: Shift, order: Order, occurred_at: datetime, kinds: Iterable[bool]) -> list[NewJob]:
    """The jobs to make now, of receipts (True) or of other tickets (False). Later ones are planned here."""
    new_jobs: list[NewJob] = []
    for receipts in kinds:
        due_at = timing.begins_at(order, occurred_at, receipts=receipts)
        if due_at > shift.now + timing.SOON:
            _plan(shift, order, Plan(order.id, receipts, shift.store_id, due_at))
        else:
            routed = tickets(order, shift.setup.routing, receipts=receipts)
            late = timing.late(order, shift.setup.routing, routed, occurred_at, receipts=receipts)
            new_jobs += _of_stations(order, shift.setup, routed, due_at, late)
    return new_jobs


def _plan(shift: Shift, order: Order, plan: Plan) -> None:
    insert_plan(shift.work, plan, order.model_dump_json())
    if not tickets(order, shift.setup.routing, receipts=plan.receipts):
        return  # no station prints it, unless a station is opened before the time
    planned = PrintOrderPlanned(
        order=order.id, store=order.store, chain=order.chain, receipts=plan.receipts, begins_at=plan.begins_at
    )
    # An order has at most two plans, and each is announced once.
    sequence = 2 if plan.receipts else 1
    subject, about = f"plan/{order.id}", f"order/{order.id}"
    shift.work.announce(planned, subject=subject, sequence=sequence, store=plan.store_id, about=about)


def print_planned(env: Environment, plan: Plan) -> None:
    """Make the jobs of a scheduled order, unless the order was cancelled."""
    with env.outbox.work("printing") as work:
        lock_order_mark(work, plan.order_id)
        document, setup = delete_plan(work, plan), read_setup(work, plan.store_id)
        if document is None or setup is None:
            return
        order = Order.model_validate_json(document)
        # The order came in time when it was planned, so it is not late now.
        routed = tickets(order, setup.routing, receipts=plan.receipts)
        new_jobs = _of_stations(order, setup, routed, plan.begins_at, None)
        if new_jobs:
            Shift(env, work, setup, env.clock()).print_now(new_jobs)


def _of_stations(
    order: Order, setup: Setup, routed: Sequence[Routed], due_at: datetime, late: timing.Late | None
) -> list[NewJob]:
    """A job for each copy of each ticket."""
    return [
        NewJob(
            station_ticket(order, setup, ticket),
            ticket.station.printer,
            late.since if late else due_at + setup.routing.patience_for(ticket.kind),
            ticket.station.id,
            order.id,
            code=late.code if late else None,
            id=derived_part_id(order.id, ticket.kind, ticket.station.id, str(copy)),
        )
        for ticket in routed
        for copy in range(ticket.station.copies)
    ]


def station_ticket(order: Order, setup: Setup, routed: Routed) -> Ticket:
    """The ticket of an order at a station, in the language and with the header of the station."""
    station, kind, lines = routed
    ticket = ticket_from_order(
        order, kind, store=setup.name, timezone=setup.timezone, language=station.language, station=station.name,
        lines=lines,
    )  # fmt: skip
    qr = station.qr and station.qr.replace("{order}", order.id)
    return ticket.model_copy(update={"header": station.header, "footer": station.footer, "qr": qr})


def _with_drawer(shift: Shift, order: Order, new_jobs: list[NewJob], occurred_at: datetime) -> list[NewJob]:
    """The same jobs. The first receipt at a printer with a drawer opens it, if a till has just taken cash."""
    until = drawer.opens_until(order, occurred_at)
    if until is None or not any(new_job.ticket.kind == TicketKind.RECEIPT for new_job in new_jobs):
        return new_jobs
    printers = read_printers(shift.work, shift.store_id)
    opener = next((index for index, new_job in enumerate(new_jobs) if _can_open(new_job, printers)), None)
    if opener is not None:
        ticket = new_jobs[opener].ticket.model_copy(update={"drawer_until": until})
        new_jobs[opener] = replace(new_jobs[opener], ticket=ticket)
    return new_jobs


def _can_open(new_job: NewJob, printers: dict[str, Printer]) -> bool:
    printer = printers.get(new_job.printer)
    return new_job.ticket.kind == TicketKind.RECEIPT and printer is not None and printer.profile.drawer
