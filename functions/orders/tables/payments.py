"""SQL of the tables `payments` and `refunds`."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC

from shared.contracts.messages.orders import Payment, Refund
from shared.spine.db import Transaction

SELECT_PAYMENTS = """
    SELECT order_id, reference, method, amount, taken_at, rounding FROM payments WHERE order_id IN %(orders)s
    ORDER BY order_id, taken_at, reference"""
SELECT_REFUNDS = """
    SELECT order_id, reference, amount, reason, refunded_at FROM refunds WHERE order_id IN %(orders)s
    ORDER BY order_id, refunded_at, reference"""
INSERT_PAYMENTS = """
    INSERT INTO payments (order_id, reference, method, amount, taken_at, rounding)
    VALUES (%(order)s, %(reference)s, %(method)s, %(amount)s, %(taken_at)s, %(rounding)s)"""
INSERT_REFUND = """
    INSERT INTO refunds (order_id, reference, amount, reason, refunded_at)
    VALUES (%(order)s, %(reference)s, %(amount)s, %(reason)s, %(refunded_at)s)"""
PAYMENT_COLUMNS = {"reference", "method", "amount", "taken_at", "rounding"}
REFUND_COLUMNS = {"reference", "amount", "reason", "refunded_at"}


def insert_payments(transaction: Transaction, order_id: str, payments: Sequence[Payment]) -> None:
    """Store payments of one order, in one statement."""
    if payments:
        rows = [{"order": order_id, **payment.model_dump(include=PAYMENT_COLUMNS)} for payment in payments]
        transaction.execute_many(INSERT_PAYMENTS, rows)


def insert_refund(transaction: Transaction, order_id: str, refund: Refund) -> None:
    """Store a refund."""
    transaction.execute(INSERT_REFUND, {"order": order_id, **refund.model_dump(include=REFUND_COLUMNS)})


def read_payments(transaction: Transaction, orders: Sequence[str]) -> dict[str, list[Payment]]:
    """The payments of these orders, by order id."""
    payments: dict[str, list[Payment]] = defaultdict(list)
    for row in transaction.rows(SELECT_PAYMENTS, {"orders": tuple(orders)}) if orders else []:
        row["taken_at"] = row["taken_at"].replace(tzinfo=UTC)
        payments[row["order_id"]].append(Payment(**row))
    return payments


def read_refunds(transaction: Transaction, orders: Sequence[str]) -> dict[str, list[Refund]]:
    """The refunds of these orders, by order id."""
    refunds: dict[str, list[Refund]] = defaultdict(list)
    for row in transaction.rows(SELECT_REFUNDS, {"orders": tuple(orders)}) if orders else []:
        row["refunded_at"] = row["refunded_at"].replace(tzinfo=UTC)
        refunds[row["order_id"]].append(Refund(**row))
    return refunds
