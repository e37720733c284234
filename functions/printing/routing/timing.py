"""When an order's tickets are due, and whether the order came too late for them. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from functions.printing.routing.rules import Routed, Routing
from functions.printing.ticket.records import TicketKind
from shared.contracts.messages.bills import Delta
from shared.contracts.messages.orders import Order, SourceKind

# Tickets due within this time are printed at once: the timer for later ones runs once a minute.
SOON = timedelta(minutes=1)
# The guest of such an old order may still wait. Or the till's clock is slow, or an hour wrong after summer time ended:
# then the kitchen gets no ticket, and a person must be alerted.
GUEST_WAITS = timedelta(hours=3)
# The code of a job whose order came too late: the food was handed over, so no person is alerted.
LATE_UPLOAD = "late_upload"
# The code of a job whose order came too late: the guest may wait for food that no kitchen makes.
CAME_LATE = "came_late"


class Late(NamedTuple):
    """A ticket whose time is over: since when, and the code of its job's end."""

    since: datetime
    code: str


def begins_at(order: Order, occurred_at: datetime, *, receipts: bool) -> datetime:
    """When the tickets are due: at `kitchen_at` of a scheduled order, else at once.

    A till's guest gets the receipt when paying. A guest who ordered on line gets it with the food.
    """
    # A kitchen that begins when the order is placed does not wait for a till whose clock is ahead.
    if order.wanted_for is None or order.kitchen_at is None or order.kitchen_at <= order.placed_at:
        return occurred_at
    if receipts and order.source.kind == SourceKind.TILL:
        return occurred_at
    return max(order.kitchen_at, occurred_at)


def late(
    order: Order, routing: Routing, routed: Sequence[Routed], occurred_at: datetime, *, receipts: bool
) -> Late | None:
    """Set if the patience for these tickets was over before the order came. All of them are late, or none."""
    if order.kitchen_at is None or not routed or routing.late_uploads == "print":
        return None
    patience = min(routing.patience_for(ticket.kind) for ticket in routed)
    if receipts:
        since = max((payment.taken_at for payment in order.payments), default=order.kitchen_at) + patience
        return Late(since, LATE_UPLOAD) if since <= occurred_at else None
    return _late(order.kitchen_at, patience, order.received_at)


def change_late(order: Order, delta: Delta, routing: Routing, kinds: Iterable[TicketKind]) -> Late | None:
    """Set if the patience for tickets of these kinds was over before a change of a bill came. As for an order."""
    if delta.placed_at is None or routing.late_uploads == "print":
        return None
    # A round of a scheduled bill is cooked with the bill.
    begins_at = max(delta.placed_at, order.kitchen_at or delta.placed_at)
    return _late(begins_at, min(routing.patience_for(kind) for kind in kinds), delta.at)


def _late(begins_at: datetime, patience: timedelta, received_at: datetime) -> Late | None:
    since = begins_at + patience
    if since > received_at:
        return None
    return Late(since, CAME_LATE if received_at < begins_at + GUEST_WAITS else LATE_UPLOAD)
