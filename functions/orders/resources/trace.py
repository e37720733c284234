"""GET /v1/orders/{order}/trace."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.orders.resources.order_path import OrderPath, require_right, unknown_order
from functions.orders.resources.veil import is_veiled, veiled_reply
from functions.orders.tables.orders import read_order
from shared.contracts.ids import Ulid, first_id
from shared.contracts.messages.orders import order_subject
from shared.contracts.models import Output
from shared.spine import outbox
from shared.spine.db import Row
from shared.spine.http import Call, Reply

# Clocks of environments differ by less.
MARGIN = timedelta(days=1)


class TracedMessage(Output):
    """A message about an order. `sequence` counts the messages of `subject`: the order, or one of its print jobs."""

    id: Ulid
    subject: str
    sequence: int
    type: str
    occurred_at: datetime
    published_at: datetime | None
    data: dict[str, Any]


class Trace(Output):
    """All messages about an order, by time."""

    order: Ulid
    messages: list[TracedMessage]


def trace_order(call: Call, path: OrderPath) -> Reply:
    """All messages about an order, from every function, print jobs included."""
    with call.env.db.snapshot() as transaction:
        stored = read_order(transaction, path.order)
        if stored is None:
            raise unknown_order(path.order)
        require_right(call, transaction, "orders:read", stored.order)
        # The months of messages before the order need not be searched.
        since = first_id(stored.order.received_at - MARGIN)
        rows = transaction.rows(outbox.TRACE, {"subject": order_subject(path.order), "since": since})
        trace = Trace(order=path.order, messages=[_traced(row) for row in _by_time(rows)])
        return veiled_reply(trace) if is_veiled(call, transaction, stored.order) else Reply(trace)


def _traced(row: Row) -> TracedMessage:
    return TracedMessage(
        id=row["id"],
        subject=row["subject"],
        sequence=row["sequence"],
        type=row["type"],
        occurred_at=row["occurred_at"].replace(tzinfo=UTC),
        published_at=row["sent_at"].replace(tzinfo=UTC) if row["sent_at"] else None,
        data=json.loads(row["body"])["data"],
    )


def _by_time(rows: list[Row]) -> list[Row]:
    """Rows by time; messages of one subject stay in their sequence, because clocks of environments differ."""
    latest: dict[str, datetime] = {}
    for row in rows:
        row["sorted_by"] = max(row["occurred_at"], latest.get(row["subject"], row["occurred_at"]))
        latest[row["subject"]] = row["sorted_by"]
    return sorted(rows, key=lambda row: row["sorted_by"])
