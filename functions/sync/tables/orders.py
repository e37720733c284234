"""SQL of the views that `orders` publishes: which orders changed, and how they stand."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date
from typing import NamedTuple

from shared.contracts.messages.orders import FulfilmentStatus, Order, Payment, PaymentStatus, Refund
from shared.contracts.order_record import order_of_texts, payment_of_row, refund_of_row
from shared.spine.db import Row, Transaction

# Every message after which an order may have other documents.
MONEY_TYPES = (
    "order.paid",
    "order.refunded",
    "order.payment_taken",
    "order.cancelled",
    "order.closed",
    "order.reopened",
    "order.changed",
    "order.placed",
)
SELECT_CHANGED = """
    SELECT id, subject FROM messages
    WHERE id > %(after)s AND id < %(before)s AND store_id >= %(first)s AND store_id < %(last)s AND type IN %(types)s
    ORDER BY id LIMIT %(limit)s"""
SELECT_ORDERS = """
    SELECT order_id, paid, refunded, rounding, settled_at, payment_status, fulfilment_status, document, bill
    FROM order_records WHERE order_id IN %(orders)s AND chain_id = %(chain)s"""
SELECT_PAYMENTS = """
    SELECT order_id, reference, method, amount, taken_at, rounding, tip, tendered, change_given, share, day, metadata
    FROM payment_records WHERE order_id IN %(orders)s ORDER BY order_id, taken_at, reference"""
SELECT_REFUNDS = """
    SELECT order_id, reference, amount, reason, refunded_at, tip, payment, method, parts, lines_json, comp, person, day,
        metadata
    FROM refund_records WHERE order_id IN %(orders)s ORDER BY order_id, refunded_at, reference"""
SELECT_OF_DAY = """
    SELECT order_id FROM order_records
    WHERE store_id = %(store)s AND business_day = %(day)s AND order_id > %(after)s
    ORDER BY order_id LIMIT %(limit)s"""
SELECT_REFUNDED_ON_DAY = """
    SELECT DISTINCT order_id FROM refund_records
    WHERE store_id = %(store)s AND day = %(day)s AND order_id > %(after)s
    ORDER BY order_id LIMIT %(limit)s"""


class Changed(NamedTuple):
    """Ids of records with a message in a window, and the last message that was read; '' at the end of the window."""

    subjects: list[str]
    last: str
    messages: int


def read_changed(
    transaction: Transaction, chain: str, types: Sequence[str], after: str, before: str, limit: int
) -> Changed:
    """Records of the chain with a message of these types whose id is between `after` and `before`.

    At most `limit` messages are read.
    """
    # A store's key is `chain:store`; the character after `:` ends the chain's range.
    values = {"after": after, "before": before, "first": f"{chain}:", "last": f"{chain};", "types": tuple(types)}
    rows = transaction.rows(SELECT_CHANGED, values | {"limit": limit})
    subjects = dict.fromkeys(row["subject"].rpartition("/")[2] for row in rows)
    return Changed(list(subjects), rows[-1]["id"] if len(rows) == limit else "", len(rows))


def read_order_ids(transaction: Transaction, store_key: str, day: date, after: str, limit: int) -> list[str]:
    """Orders of a store's business day by key, and orders of other days that were refunded on it."""
    values = {"store": store_key, "day": day, "after": after, "limit": limit}
    rows = transaction.rows(SELECT_OF_DAY, values) + transaction.rows(SELECT_REFUNDED_ON_DAY, values)
    return sorted({row["order_id"] for row in rows})[:limit]


def read_orders(transaction: Transaction, chain: str, order_ids: Sequence[str]) -> list[Order]:
    """The orders of the chain as they stand, with payments and refunds."""
    if not order_ids:
        return []
    values = {"orders": tuple(order_ids), "chain": chain}
    rows = transaction.rows(SELECT_ORDERS, values)
    payments: dict[str, list[Payment]] = defaultdict(list)
    for row in transaction.rows(SELECT_PAYMENTS, values):
        payments[row["order_id"]].append(payment_of_row(row))
    refunds: dict[str, list[Refund]] = defaultdict(list)
    for row in transaction.rows(SELECT_REFUNDS, values):
        refunds[row["order_id"]].append(refund_of_row(row))
    return [_order(row, payments[row["order_id"]], refunds[row["order_id"]]) for row in rows]


def _order(row: Row, payments: list[Payment], refunds: list[Refund]) -> Order:
    fields = {
        "paid": row["paid"],
        "refunded": row["refunded"],
        "rounding": row["rounding"],
        "settled_at": row["settled_at"] and row["settled_at"].replace(tzinfo=UTC),
        "payment": PaymentStatus(row["payment_status"]),
        "fulfilment": FulfilmentStatus(row["fulfilment_status"]),
        "payments": payments,
        "refunds": refunds,
    }
    return order_of_texts(row["document"], row["bill"]).model_copy(update=fields)
