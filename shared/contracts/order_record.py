"""Orders as the database holds them: for `orders`, and for readers of the views that it publishes."""

import json
from datetime import UTC
from typing import Any

from pydantic_core import from_json

from shared.contracts.messages.orders import Order, Payment, Refund
from shared.spine.db import Row

# The fields of an order that a change of its bill may replace. `orders.bill` holds all of them after the first change.
BILL_FIELDS = {
    "version", "bill", "table", "covers", "waiter", "note", "lines", "voids", "discounts", "subtotal",
    "service_charge", "delivery_charge", "taxes", "tax", "total", "liabilities", "shares", "split_from", "merged_into",
    "metadata", "guest", "differences",
}  # fmt: skip


def order_of_texts(document: str, bill: str | None) -> Order:
    """The order as it was placed, with the fields of its bill when changes replaced them."""
    if bill is None:
        return Order.model_validate_json(document)
    # A bill leaves out a field that has its default.
    placed = {name: value for name, value in from_json(document).items() if name not in BILL_FIELDS}
    return Order.model_validate(placed | from_json(bill))


def payment_of_row(row: Row) -> Payment:
    """The payment in a row of a table or view of payments."""
    fields = {"taken_at": row["taken_at"].replace(tzinfo=UTC), "change": row["change_given"]}
    return Payment.model_validate(row | fields | _texts(row))


def refund_of_row(row: Row) -> Refund:
    """The refund in a row of a table or view of refunds."""
    lists = {"lines": json.loads(row["lines_json"] or "[]"), "parts": json.loads(row["parts"] or "[]")}
    return Refund.model_validate(row | {"refunded_at": row["refunded_at"].replace(tzinfo=UTC)} | lists | _texts(row))


def _texts(row: Row) -> dict[str, Any]:
    """The members that are stored as JSON. Not every view has the differences."""
    return {
        "metadata": json.loads(row["metadata"] or "{}"),
        "differences": json.loads(row.get("differences") or "[]"),
    }
