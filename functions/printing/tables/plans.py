"""The SQL of orders for later, whose tickets are made when their kitchen begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.spine.db import Transaction

INSERT_PLAN = """
    INSERT INTO print_plans (order_id, receipts, store_id, begins_at, document) VALUES (%s, %s, %s, %s, %s)"""
# In the order of their time, from behind the last one that was looked at.
SELECT_DUE = """
    SELECT order_id, receipts, store_id, begins_at FROM print_plans
    WHERE begins_at <= %s AND (begins_at, order_id, receipts) > (%s, %s, %s)
    ORDER BY begins_at, order_id, receipts LIMIT %s"""
LOCK_DOCUMENT = "SELECT document FROM print_plans WHERE order_id = %s AND receipts = %s FOR UPDATE"
DELETE_PLAN = "DELETE FROM print_plans WHERE order_id = %s AND receipts = %s"
DELETE_PLANS_OF_ORDER = "DELETE FROM print_plans WHERE order_id = %s"
COUNT_ORDERS = """
    SELECT store_id, COUNT(DISTINCT order_id) AS orders FROM print_plans WHERE store_id IN %s GROUP BY store_id"""


@dataclass(frozen=True)
class Plan:
    """The receipts of an order, or its other tickets, and when they are due."""

    order_id: str
    receipts: bool
    store_id: str
    begins_at: datetime

    @property
    def position(self) -> tuple[datetime, str, bool]:
        """Where it stands among all."""
        return self.begins_at, self.order_id, self.receipts


FIRST = (datetime(1970, 1, 1, tzinfo=UTC), "", False)


def insert_plan(transaction: Transaction, plan: Plan, document: str) -> None:
    """Keep what is to be printed later; `document` is the order's JSON."""
    values = (plan.order_id, plan.receipts, plan.store_id, plan.begins_at, document)
    transaction.execute(INSERT_PLAN, values)


def read_due_plans(
    transaction: Transaction, now: datetime, after: tuple[datetime, str, bool], limit: int
) -> Sequence[Plan]:
    """Those whose time has come, the longest overdue first."""
    rows = transaction.rows(SELECT_DUE, (now, *after, limit))
    return [
        Plan(row["order_id"], bool(row["receipts"]), row["store_id"], row["begins_at"].replace(tzinfo=UTC))
        for row in rows
    ]


def delete_plan(transaction: Transaction, plan: Plan) -> str | None:
    """The order's JSON, and the plan is no more; None where it was taken before, or the order was called off."""
    row = transaction.row(LOCK_DOCUMENT, (plan.order_id, plan.receipts))
    transaction.execute(DELETE_PLAN, (plan.order_id, plan.receipts))
    return row["document"] if row else None


def delete_plans_of_order(transaction: Transaction, order_id: str) -> None:
    """The order is called off before its time."""
    transaction.execute(DELETE_PLANS_OF_ORDER, (order_id,))


def read_planned_orders(transaction: Transaction, store_ids: Sequence[str]) -> dict[str, int]:
    """How many orders wait for their time, by store, of those that have any."""
    if not store_ids:
        return {}
    return {row["store_id"]: row["orders"] for row in transaction.rows(COUNT_ORDERS, (store_ids,))}
