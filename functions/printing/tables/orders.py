"""The SQL of printing but for its agents: how stores print, their printers, orders, jobs."""

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
    WHERE order_id = %s FOR UPDATE"""
UPDATE_ORDER = """
    UPDATE print_orders SET tickets_at = %(tickets_at)s, receipts_at = %(receipts_at)s,
        cancelled_at = %(cancelled_at)s, reason = %(reason)s
    WHERE order_id = %(order_id)s"""


@dataclass(frozen=True)
class OrderMark:
    """What was done about an order's tickets."""

    order_id: str
    store_id: str
    tickets_at: datetime | None = None
    receipts_at: datetime | None = None
    cancelled_at: datetime | None = None
    reason: str | None = None


def insert_order_mark(transaction: Transaction, mark: OrderMark) -> bool:
    """Keep what is done about an order of which nothing was heard before; False, and nothing kept, where it was."""
    return transaction.execute(INSERT_ORDER, vars(mark)) > 0


def lock_order_mark(transaction: Transaction, order_id: str) -> OrderMark:
    """What was done about an order that was heard of before, locked."""
    row = transaction.row(LOCK_ORDER, (order_id,))
    assert row is not None  # somebody had added it
    return OrderMark(**with_utc(row))


def update_order_mark(transaction: Transaction, mark: OrderMark) -> None:
    """Keep what was done about it."""
    transaction.execute(UPDATE_ORDER, vars(mark))
