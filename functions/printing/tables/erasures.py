"""The SQL of erased guests: their tickets and plans lose the guest. `order_erasures` belongs to orders."""

from collections.abc import Sequence
from datetime import datetime

from shared.spine.db import Transaction

SELECT_TICKETS = """
    SELECT DISTINCT e.order_id FROM order_erasures e JOIN print_jobs j ON j.order_id = e.order_id
    WHERE e.erased_at >= %s AND JSON_TYPE(JSON_EXTRACT(j.ticket, '$.guest')) = 'OBJECT' LIMIT %s"""
SELECT_PLANS = """
    SELECT DISTINCT e.order_id FROM order_erasures e JOIN print_plans p ON p.order_id = e.order_id
    WHERE e.erased_at >= %s AND JSON_TYPE(JSON_EXTRACT(p.document, '$.guest')) = 'OBJECT' LIMIT %s"""
ERASE_TICKETS = "UPDATE print_jobs SET ticket = JSON_SET(ticket, '$.guest', NULL) WHERE order_id IN %s"
ERASE_PLANS = "UPDATE print_plans SET document = JSON_SET(document, '$.guest', NULL) WHERE order_id IN %s"
SELECT_ERASED = "SELECT order_id FROM order_erasures WHERE order_id = %s"


def read_is_erased(transaction: Transaction, order_id: str) -> bool:
    """Whether the guest of the order was erased. A message from before the erasure still has the guest."""
    return transaction.row(SELECT_ERASED, (order_id,)) is not None


def read_orders_with_tickets(transaction: Transaction, since: datetime, limit: int) -> Sequence[str]:
    """Orders erased `since` then, with a ticket that has the guest."""
    return [row["order_id"] for row in transaction.rows(SELECT_TICKETS, (since, limit))]


def read_orders_with_plans(transaction: Transaction, since: datetime, limit: int) -> Sequence[str]:
    """Orders erased `since` then, with a plan that has the guest."""
    return [row["order_id"] for row in transaction.rows(SELECT_PLANS, (since, limit))]


def update_tickets_without_guest(transaction: Transaction, order_ids: Sequence[str]) -> None:
    """Remove the guest from every ticket of these orders."""
    if order_ids:
        transaction.execute(ERASE_TICKETS, (tuple(order_ids),))


def update_plans_without_guest(transaction: Transaction, order_ids: Sequence[str]) -> None:
    """Remove the guest from every plan of these orders."""
    if order_ids:
        transaction.execute(ERASE_PLANS, (tuple(order_ids),))
