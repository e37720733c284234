"""Whether a receipt opens the cash drawer: once an order, for cash that a till has just taken. Pure."""

from datetime import datetime, timedelta

from functions.printing.ticket.records import Ticket
from shared.contracts.messages.orders import Order, SourceKind

CASH = "cash"
# After this time the cash is in the drawer. A drawer that opens later, without staff, is a risk.
OPENS_WITHIN = timedelta(minutes=5)


def opens_until(order: Order, occurred_at: datetime) -> datetime | None:
    """When the receipt of a paid order stops opening the drawer. None where it never opens it.

    Mini-programs and platforms have no drawer. A card payment needs none.
    """
    if order.source.kind != SourceKind.TILL:
        return None
    cash_times = [payment.taken_at for payment in order.payments if payment.method.casefold() == CASH]
    # A till's clock may be ahead of the relay's clock.
    return min(max(cash_times), occurred_at) + OPENS_WITHIN if cash_times else None


def opens(ticket: Ticket, now: datetime) -> bool:
    """Whether the drawer opens for a ticket that is sent now."""
    return ticket.drawer_until is not None and now < ticket.drawer_until and not ticket.reprint


def without_drawer(ticket: Ticket) -> Ticket:
    """The ticket, without the pulse for the drawer."""
    return ticket.model_copy(update={"drawer_until": None})
