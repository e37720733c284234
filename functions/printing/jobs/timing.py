"""When an order's tickets are due, and whether the order reached us too late for them. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from functions.printing.routing import Routed, Routing
from functions.printing.states import CAME_LATE, LATE_UPLOAD
from shared.contracts.messages.orders import Order, SourceKind

# Sooner than this a ticket is printed at once: the timer that prints later ones comes once a minute.
SOON = timedelta(minutes=1)
# A guest may still wait for an order of so long ago. Or the till's clock is slow, or an hour off since the summer time
# ended: then the kitchen gets no ticket at all, and somebody must hear of that.
GUEST_WAITS = timedelta(hours=3)


class Late(NamedTuple):
    """A ticket that is over already: since when, and the code that its job ends with."""

    since: datetime
    code: str


def begins_at(order: Order, said_at: datetime, *, receipts: bool) -> datetime:
    """When the tickets are due: when the kitchen begins with an order for later, else at once.

    A till's guest gets the receipt when paying; who ordered on line gets it with the food.
    """
    # A kitchen that begins when the order is placed does not wait for a till whose clock is ahead of ours.
    if order.wanted_for is None or order.kitchen_at is None or order.kitchen_at <= order.placed_at:
        return said_at
    return said_at if receipts and order.source.kind == SourceKind.TILL else max(order.kitchen_at, said_at)


def late(order: Order, routing: Routing, routed: Sequence[Routed], said_at: datetime, *, receipts: bool) -> Late | None:
    """Whether the patience with these tickets was over before we could know of them; all are late, or none."""
    if order.kitchen_at is None or not routed or routing.late_uploads == "print":
        return None
    patience = min(routing.patience_for(ticket.kind) for ticket in routed)
    if receipts:
        since = max((payment.taken_at for payment in order.payments), default=order.kitchen_at) + patience
        return Late(since, LATE_UPLOAD) if since <= said_at else None
    since = order.kitchen_at + patience
    if since > order.received_at:
        return None
    waits = order.received_at < order.kitchen_at + GUEST_WAITS
    return Late(since, CAME_LATE if waits else LATE_UPLOAD)
