"""An open bill: each change is printed in the kitchens concerned, and the bill is printed when it is closed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from functions.printing.jobs.new_jobs import NewJob
from functions.printing.jobs.order_jobs import station_ticket
from functions.printing.jobs.shift import Shift
from functions.printing.routing.rules import Routed, Station, bills, lines_by_kitchen
from functions.printing.routing.timing import change_late
from functions.printing.tables.erasures import read_is_erased
from functions.printing.tables.orders import insert_printed_version, read_is_cancelled
from functions.printing.tables.plans import update_plan
from functions.printing.tables.setups import Setup, read_setup
from functions.printing.ticket.records import Ticket, TicketKind, TicketLine
from functions.printing.ticket.ticket_from_order import ticket_line
from shared.contracts.ids import derived_part_id
from shared.contracts.messages.bills import Delta, LineChange
from shared.contracts.messages.orders import Line, Order, PaymentStatus
from shared.spine.env import Environment

# Kitchens have the lines that moved between bills.
PRINTED_CAUSE = "change"
# A change of these fields of a line changes what a kitchen makes.
MADE_BY = ("item", "name", "size", "options", "parts", "quantity", "note", "weight")
SHOWN_FIELDS = {"table", "note"}


def print_bill(env: Environment, order: Order, delta: Delta | None, occurred_at: datetime) -> None:
    """Print a change of an open bill, or without a delta the closed bill. A repeated message prints nothing."""
    now = env.clock()
    with env.outbox.work("printing") as work:
        setup = read_setup(work, order.store_key)
        if setup is None or not setup.routing.stations or read_is_cancelled(work, order.id):
            return
        if not insert_printed_version(work, order.id, order.version, closed=delta is None):
            return
        if order.guest and read_is_erased(work, order.id):
            order = order.model_copy(update={"guest": None})
        if delta and update_plan(work, order):
            return  # the kitchen begins later, with the order as it is then
        new_jobs = _changes(order, setup, delta, occurred_at) if delta else list(_bills(order, setup, occurred_at))
        if new_jobs:
            Shift(env, work, setup, now).print_now(new_jobs)


def _bills(order: Order, setup: Setup, occurred_at: datetime) -> Iterator[NewJob]:
    if order.payment == PaymentStatus.PAID:
        return  # the receipt follows
    for routed in bills(order, setup.routing):
        yield _job(order, setup, routed.station, station_ticket(order, setup, routed), occurred_at)


def _changes(order: Order, setup: Setup, delta: Delta, occurred_at: datetime) -> list[NewJob]:
    """The jobs of a change. All of them are late, or none."""
    tickets = list(_change_tickets(order, setup, delta))
    if not tickets:
        return []
    late = change_late(order, delta, setup.routing, [ticket.kind for _, ticket in tickets])
    new_jobs = [_job(order, setup, station, ticket, occurred_at) for station, ticket in tickets]
    return [replace(new_job, deadline=late.since, code=late.code) for new_job in new_jobs] if late else new_jobs


def _change_tickets(order: Order, setup: Setup, delta: Delta) -> Iterator[tuple[Station, Ticket]]:
    if delta.cause != PRINTED_CAUSE:
        return
    kitchens = lines_by_kitchen(order.lines, setup.routing)
    moved = {change.field: change for change in delta.fields if change.field in SHOWN_FIELDS}
    for station in setup.routing.stations:
        if station.kind == "kitchen":
            lines = _lines_of_kitchen(delta, setup, station)
            if lines or (moved and kitchens.get(station.id)):
                ticket = station_ticket(order, setup, Routed(station, TicketKind.CHANGE, []))
                table = moved.get("table")
                fields = {"lines": lines, "moved_from": str(table.before or "") if table else None}
                yield station, ticket.model_copy(update=fields)
        elif station.kind == "label" and delta.added:
            yield station, station_ticket(order, setup, Routed(station, TicketKind.LABEL, delta.added))


def _lines_of_kitchen(delta: Delta, setup: Setup, station: Station) -> list[TicketLine]:
    """The lines of a change that this kitchen makes: first those to take off."""
    language = station.language

    def of_kitchen(lines: Sequence[Line]) -> list[Line]:
        return lines_by_kitchen(lines, setup.routing).get(station.id, [])

    removed = [
        ticket_line(line, language).model_copy(update={"mark": "removed", "reason": voided.reason})
        for voided in delta.voided
        for line in of_kitchen([voided.line])
    ]
    changed = [
        ticket_line(after, language).model_copy(update={"mark": "changed", "before": _text(before)})
        for change in delta.changed
        if _is_made_otherwise(change)
        for before, after in zip(of_kitchen([change.before]), of_kitchen([change.after]), strict=False)
    ]
    added = [ticket_line(line, language).model_copy(update={"mark": "added"}) for line in of_kitchen(delta.added)]
    return [*removed, *changed, *added]


def _is_made_otherwise(change: LineChange) -> bool:
    return any(getattr(change.before, name) != getattr(change.after, name) for name in MADE_BY)


def _text(line: Line) -> str:
    """A line in one text: `2 x Pizza [M], Cheese, well done`."""
    name = f"{line.quantity} x {line.name}" + (f" [{line.size}]" if line.size else "")
    return ", ".join([name, *(option.name for option in line.options), *([line.note] if line.note else [])])


def _job(order: Order, setup: Setup, station: Station, ticket: Ticket, occurred_at: datetime) -> NewJob:
    return NewJob(
        ticket,
        station.printer,
        occurred_at + setup.routing.patience_for(ticket.kind),
        station.id,
        order.id,
        id=derived_part_id(order.id, ticket.kind, station.id, str(order.version)),
    )
