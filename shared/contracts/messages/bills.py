"""The messages about the bill of an order: each change of it, its end, and a second beginning."""

from datetime import datetime

from shared.contracts.ids import Ulid
from shared.contracts.messages import Document, left_out
from shared.contracts.messages.order_parts import FieldChange
from shared.contracts.messages.orders import Line, OrderMessage


class LineChange(Document):
    """A line of an open bill before and after a change."""

    before: Line
    after: Line


class VoidedLine(Document):
    """A line with the quantity and amount that were taken off the bill."""

    line: Line
    reason: str
    person: str | None


class MovedLines(Document):
    """Lines that moved from one bill to another, and the other bill's order."""

    order: Ulid
    lines: list[Line]


class Delta(Document):
    """One change of a bill. `version` is the order's version after it. `client` is the key that sent it.

    `cause` is `change`, or `split` or `merge` for lines that moved between bills: the kitchens have them already.
    `moved_in` came from other orders, and `moved_out` went there. `placed_at` is the time of the change at its source,
    if it was stated: a till may have been offline.
    """

    version: int
    at: datetime
    client: str
    cause: str = left_out("change")
    person: str | None = left_out(None)
    added: list[Line] = left_out([])
    changed: list[LineChange] = left_out([])
    voided: list[VoidedLine] = left_out([])
    fields: list[FieldChange] = left_out([])
    moved_in: list[MovedLines] = left_out([])
    moved_out: list[MovedLines] = left_out([])
    reason: str | None = left_out(None)
    placed_at: datetime | None = left_out(None)


class OrderChanged(OrderMessage):
    """An open bill changed: `delta` says how. The order is as it stands after the change."""

    type = "order.changed"
    delta: Delta


class OrderClosed(OrderMessage):
    """An open bill was closed: its amounts are final, and it can be paid."""

    type = "order.closed"


class OrderBillMoved(OrderMessage):
    """An open bill changed or was closed: for those who follow a bill."""

    delta: Delta | None = None

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """Both of them."""
        return (OrderChanged.type, OrderClosed.type)


class OrderReopened(OrderMessage):
    """A closed bill was opened again, with a reason."""

    type = "order.reopened"
    reason: str
    person: str | None


class OrderMetadataChanged(OrderMessage):
    """The integrator's keys of an order, one of its lines or one of its payments changed. Its version stays."""

    type = "order.metadata_changed"
    line: str | None = left_out(None)
    payment: str | None = left_out(None)
