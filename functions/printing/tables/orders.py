"""The SQL of orders as printing sees them: which of their tickets were made."""

from dataclasses import dataclass
from datetime import datetime

from functions.printing.tables.rows import with_utc
from shared.spine.db import Transaction

INSERT_ORDER = """
    INSERT INTO print_orders (order_id, store_id, tickets_at, receipts_at, cancelled_at, reason)
    VALUES (%(order_id)s, %(store_id)s, %(tickets_at)s, %(receipts_at)s, %(cancelled_at)s, %(reason)s)
    ON DUPLICATE KEY UPDATE store_id = print_orders.store_id"""
LOCK_ORDER = """
    SELECT order_id, store_id, tickets_at, receipts_at, cancelled_at, reason FROM print_orders
    WHERE order_id = %(order_id)s FOR UPDATE"""
UPDATE_ORDER = """
    UPDATE print_orders SET tickets_at = %(tickets_at)s, receipts_at = %(receipts_at)s,
        cancelled_at = %(cancelled_at)s, reason = %(reason)s
    WHERE order_id = %(order_id)s"""
INSERT_VERSION = """
    INSERT INTO print_versions (order_id, version, closed) VALUES (%(order_id)s, %(version)s, %(closed)s)
    ON DUPLICATE KEY UPDATE closed = print_versions.closed"""
SELECT_CANCELLED = "SELECT 1 FROM print_orders WHERE order_id = %(order_id)s AND cancelled_at IS NOT NULL"


@dataclass(frozen=True)
class OrderMark:
    """The marks of an order that keep its tickets from being made twice."""

    order_id: str
    store_id: str
    # When its kitchen tickets, packing slips and labels were made or planned.
    tickets_at: datetime | None = None
    # When its receipts were made or planned.
    receipts_at: datetime | None = None
    cancelled_at: datetime | None = None
    # Why it was cancelled.
    reason: str | None = None


def insert_order_mark(transaction: Transaction, mark: OrderMark) -> bool:
    """False, and nothing is stored, for an order that has a mark."""
    return transaction.execute(INSERT_ORDER, vars(mark)) > 0


def lock_order_mark(transaction: Transaction, order_id: str) -> OrderMark:
    """The mark of an order that has one, locked."""
    row = transaction.row(LOCK_ORDER, {"order_id": order_id})
    assert row is not None  # an earlier transaction inserted it
    return OrderMark(**with_utc(row))


def update_order_mark(transaction: Transaction, mark: OrderMark) -> None:
    """Store every field that changes."""
    transaction.execute(UPDATE_ORDER, vars(mark))


def insert_printed_version(transaction: Transaction, order_id: str, version: int, *, closed: bool) -> bool:
    """False, and nothing is stored, for a version that was printed. `closed`: the bill instead of a change."""
    values = {"order_id": order_id, "version": version, "closed": closed}
    return transaction.execute(INSERT_VERSION, values) > 0


def read_is_cancelled(transaction: Transaction, order_id: str) -> bool:
    """Whether the order was cancelled."""
    return transaction.row(SELECT_CANCELLED, {"order_id": order_id}) is not None
