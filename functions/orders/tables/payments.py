"""SQL of the tables `payments` and `refunds`."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from functions.orders.accounts.day_moved import NO_CLOSE, is_history
from shared.contracts.messages.orders import Order, Payment, Refund
from shared.contracts.order_record import payment_of_row, refund_of_row
from shared.spine.db import Transaction

UPDATE_PAYMENT_METADATA = """
    UPDATE payments SET metadata = %(metadata)s WHERE order_id = %(order)s AND reference = %(reference)s"""
PAYMENT_COLUMNS = """
    reference, method, amount, taken_at, rounding, tip, tendered, change_given, share, day, metadata, differences"""
REFUND_COLUMNS = """
    reference, amount, reason, refunded_at, tip, payment, method, parts, lines_json, comp, person, day, metadata,
    rounding, differences"""
# Both tables in one statement: a change of a paid bill waits for one round trip less. `refund` tells them apart.
SELECT_MOVED = """
    SELECT 0 AS refund, order_id, reference, method, amount, taken_at AS moved_at, rounding, tip, tendered,
        change_given, share, day, metadata, differences,
        NULL AS reason, NULL AS payment, NULL AS parts, NULL AS lines_json, NULL AS comp, NULL AS person
    FROM payments WHERE order_id IN %(orders)s
    UNION ALL
    SELECT 1, order_id, reference, method, amount, refunded_at, rounding, tip, NULL,
        NULL, NULL, day, metadata, differences,
        reason, payment, parts, lines_json, comp, person
    FROM refunds WHERE order_id IN %(orders)s
    ORDER BY order_id, moved_at, reference"""
INSERT_PAYMENTS = f"""
    INSERT INTO payments (order_id, store_id, close_number, {PAYMENT_COLUMNS})
    VALUES (%(order)s, %(store)s, %(close)s, %(reference)s, %(method)s, %(amount)s, %(taken_at)s, %(rounding)s, %(tip)s,
        %(tendered)s, %(change)s, %(share)s, %(day)s, %(metadata)s, %(differences)s)"""  # noqa: S608 - of this file's constants
INSERT_REFUND = f"""
    INSERT INTO refunds (order_id, store_id, close_number, {REFUND_COLUMNS})
    VALUES (%(order)s, %(store)s, %(close)s, %(reference)s, %(amount)s, %(reason)s, %(refunded_at)s, %(tip)s,
        %(payment)s, %(method)s, %(parts)s, %(lines)s, %(comp)s, %(person)s, %(day)s, %(metadata)s, %(rounding)s,
        %(differences)s)"""  # noqa: S608 - of this file's constants


def insert_payments(transaction: Transaction, order: Order, payments: Sequence[Payment]) -> None:
    """Store payments of one order, in one statement that leaves with the next."""
    if payments:
        transaction.execute_many_with_next(INSERT_PAYMENTS, [_payment_values(order, payment) for payment in payments])


def _payment_values(order: Order, payment: Payment) -> dict[str, Any]:
    return {
        "order": order.id,
        "store": order.store_key,
        "close": NO_CLOSE if is_history(order, payment.taken_at) else None,
        "metadata": _json(payment.metadata),
        "differences": _json([difference.model_dump() for difference in payment.differences]),
        "reference": payment.reference,
        "method": payment.method,
        "amount": payment.amount,
        "taken_at": payment.taken_at,
        "rounding": payment.rounding,
        "tip": payment.tip,
        "tendered": payment.tendered,
        "change": payment.change,
        "share": payment.share,
        "day": payment.day,
    }


def insert_refund(transaction: Transaction, order: Order, refund: Refund) -> None:
    """Store a refund."""
    values = {
        "order": order.id,
        "store": order.store_key,
        "close": NO_CLOSE if is_history(order, refund.refunded_at) else None,
        **dict(refund),
        "parts": _json([part.model_dump() for part in refund.parts]),
        "lines": _json([line.model_dump() for line in refund.lines]),
        "metadata": _json(refund.metadata),
        "differences": _json([difference.model_dump() for difference in refund.differences]),
    }
    transaction.execute(INSERT_REFUND, values)


def _json(value: Mapping[str, Any] | Sequence[Any]) -> str | None:
    return json.dumps(value, ensure_ascii=False) if value else None


def update_payment_metadata(transaction: Transaction, order_id: str, payment: Payment) -> None:
    """Replace the integrator's keys of a payment."""
    values = {"order": order_id, "reference": payment.reference, "metadata": json.dumps(payment.metadata)}
    transaction.execute(UPDATE_PAYMENT_METADATA, values)


def read_moved(
    transaction: Transaction, orders: Sequence[str]
) -> tuple[dict[str, list[Payment]], dict[str, list[Refund]]]:
    """(payments, refunds) of these orders, by order id."""
    payments: dict[str, list[Payment]] = defaultdict(list)
    refunds: dict[str, list[Refund]] = defaultdict(list)
    for row in transaction.rows(SELECT_MOVED, {"orders": tuple(orders)}) if orders else []:
        if row["refund"]:
            refunds[row["order_id"]].append(refund_of_row(row | {"refunded_at": row["moved_at"]}))
        else:
            payments[row["order_id"]].append(payment_of_row(row | {"taken_at": row["moved_at"]}))
    return payments, refunds
