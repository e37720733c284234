"""Whether a receipt opens the cash drawer: for cash that a till has just taken, once an order. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.printing.jobs.changes import Wanted
from functions.printing.tables.printers import Printer
from functions.printing.ticket.records import Ticket, TicketKind
from shared.contracts.messages.orders import Order, SourceKind

CASH = "cash"
# Whoever took the cash has put it away by then, and an open drawer without anybody at it is a loss.
OPENS_WITHIN = timedelta(minutes=5)


def opens_until(order: Order, said_at: datetime) -> datetime | None:
    """When the receipt of a paid order stops opening the drawer; None where it never opens it.

    Mini-programs and platforms have no drawer, and no card goes into one.
    """
    if order.source.kind != SourceKind.TILL:
        return None
    cash_times = [payment.taken_at for payment in order.payments if payment.method.casefold() == CASH]
    # A till's clock may be ahead of ours.
    return min(max(cash_times), said_at) + OPENS_WITHIN if cash_times else None


def with_drawer(wanted: Sequence[Wanted], printers: Mapping[str, Printer], until: datetime) -> list[Wanted]:
    """The same tickets; the first receipt whose printer has a drawer opens it, no further copy does."""
    opener = next((index for index, ticket in enumerate(wanted) if _can_open(ticket, printers)), None)
    return [
        replace(ticket, ticket=ticket.ticket.model_copy(update={"drawer_until": until})) if index == opener else ticket
        for index, ticket in enumerate(wanted)
    ]


def _can_open(wanted: Wanted, printers: Mapping[str, Printer]) -> bool:
    printer = printers.get(wanted.printer)
    return wanted.ticket.kind == TicketKind.RECEIPT and printer is not None and printer.profile.drawer


def opens(ticket: Ticket, now: datetime) -> bool:
    """Whether the drawer opens for a ticket that goes out now."""
    return ticket.drawer_until is not None and now < ticket.drawer_until and not ticket.reprint


def shut(ticket: Ticket) -> Ticket:
    """The ticket without the drawer."""
    return ticket.model_copy(update={"drawer_until": None})
