"""Orders whose guest was erased: their tickets and plans lose the guest too, whatever has become of them."""

from datetime import datetime, timedelta

from shared.spine import log
from shared.spine.db import Locked, Transaction
from shared.spine.env import Environment

# A transaction that read the order's message before the erasure has long ended by then; whoever reads it later asks.
LOOKED_BACK = timedelta(days=1)
ORDERS_AT_ONCE = 200

SELECT_TICKETS = """
    SELECT DISTINCT e.order_id FROM order_erasures e JOIN print_jobs j ON j.order_id = e.order_id
    WHERE e.erased_at >= %s AND JSON_TYPE(JSON_EXTRACT(j.ticket, '$.guest')) = 'OBJECT' LIMIT %s"""
SELECT_PLANS = """
    SELECT DISTINCT e.order_id FROM order_erasures e JOIN print_plans p ON p.order_id = e.order_id
    WHERE e.erased_at >= %s AND JSON_TYPE(JSON_EXTRACT(p.document, '$.guest')) = 'OBJECT' LIMIT %s"""
ERASE_TICKETS = "UPDATE print_jobs SET ticket = JSON_SET(ticket, '$.guest', NULL) WHERE order_id IN %s"
ERASE_PLANS = "UPDATE print_plans SET document = JSON_SET(document, '$.guest', NULL) WHERE order_id IN %s"
SELECT_ERASED = "SELECT order_id FROM order_erasures WHERE order_id = %s"


def is_erased(transaction: Transaction, order_id: str) -> bool:
    """Whether the order's guest was erased: a message of before still has it."""
    return transaction.row(SELECT_ERASED, (order_id,)) is not None


def erase_guests(env: Environment, until: datetime) -> None:
    """Some orders in a transaction; an order that is done is not found again. Most of the time is for printing."""
    until = env.clock() + (until - env.clock()) / 4
    try:
        while env.clock() < until and _erase_some(env):
            pass
    except Locked:
        log.logger().info("erased guests' tickets are left for the next time")


def _erase_some(env: Environment) -> bool:
    since = env.clock() - LOOKED_BACK
    with env.db.transaction() as transaction:
        tickets = [row["order_id"] for row in transaction.rows(SELECT_TICKETS, (since, ORDERS_AT_ONCE))]
        plans = [row["order_id"] for row in transaction.rows(SELECT_PLANS, (since, ORDERS_AT_ONCE))]
        if tickets:
            transaction.execute(ERASE_TICKETS, (tuple(tickets),))
        if plans:
            transaction.execute(ERASE_PLANS, (tuple(plans),))
    return bool(tickets or plans)
