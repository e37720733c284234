"""The SQL of plans: scheduled orders whose tickets are made when their kitchen begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.contracts.messages.orders import Order
from shared.spine.db import Transaction

INSERT_PLAN = """
    INSERT INTO print_plans (order_id, receipts, store_id, begins_at, document)
    VALUES (%(order_id)s, %(receipts)s, %(store_id)s, %(begins_at)s, %(document)s)"""
# In the order of time, after the plan that the page before ended with.
SELECT_DUE = """
    SELECT order_id, receipts, store_id, begins_at FROM print_plans
    WHERE begins_at <= %s AND (begins_at, order_id, receipts) > (%s, %s, %s)
    ORDER BY begins_at, order_id, receipts LIMIT %s"""
LOCK_DOCUMENT = """
    SELECT document FROM print_plans WHERE order_id = %(order_id)s AND receipts = %(receipts)s FOR UPDATE"""
DELETE_PLAN = "DELETE FROM print_plans WHERE order_id = %(order_id)s AND receipts = %(receipts)s"
DELETE_PLANS_OF_ORDER = "DELETE FROM print_plans WHERE order_id = %(order_id)s"
UPDATE_DOCUMENT = """
    UPDATE print_plans SET document = %(document)s WHERE order_id = %(order_id)s AND receipts = %(receipts)s"""
COUNT_ORDERS = """
    SELECT store_id, COUNT(DISTINCT order_id) AS orders FROM print_plans WHERE store_id IN %s GROUP BY store_id"""


@dataclass(frozen=True)
class Plan:
    """The tickets of a scheduled order, to be made at `begins_at`."""

    order_id: str
    # Receipts, or all other tickets.
    receipts: bool
    store_id: str
    begins_at: datetime

    @property
    def position(self) -> tuple[datetime, str, bool]:
        """The position among all plans."""
        return self.begins_at, self.order_id, self.receipts


# Before the position of every plan.
FIRST = (datetime(1970, 1, 1, tzinfo=UTC), "", False)


def insert_plan(transaction: Transaction, plan: Plan, document: str) -> None:
    """Store a plan. `document` is the order's JSON."""
    transaction.execute(INSERT_PLAN, vars(plan) | {"document": document})


def read_due_plans(
    transaction: Transaction, now: datetime, after: tuple[datetime, str, bool], limit: int
) -> Sequence[Plan]:
    """Plans whose time has come, after a position. The longest overdue plan is first."""
    rows = transaction.rows(SELECT_DUE, (now, *after, limit))
    return [
        Plan(row["order_id"], bool(row["receipts"]), row["store_id"], row["begins_at"].replace(tzinfo=UTC))
        for row in rows
    ]


def delete_plan(transaction: Transaction, plan: Plan) -> str | None:
    """Delete a plan and return its order's JSON. None for a plan that was printed or cancelled before."""
    key = {"order_id": plan.order_id, "receipts": plan.receipts}
    row = transaction.row(LOCK_DOCUMENT, key)
    transaction.execute(DELETE_PLAN, key)
    return row["document"] if row else None


def delete_plans_of_order(transaction: Transaction, order_id: str) -> None:
    """Delete the plans of a cancelled order."""
    transaction.execute(DELETE_PLANS_OF_ORDER, {"order_id": order_id})


def update_plan(transaction: Transaction, order: Order) -> bool:
    """Give the order's planned tickets this version, unless they have a later one. False without planned tickets.

    Messages arrive in any order.
    """
    key = {"order_id": order.id, "receipts": False}
    row = transaction.row(LOCK_DOCUMENT, key)
    if row is None:
        return False
    if Order.model_validate_json(row["document"]).version < order.version:
        transaction.execute(UPDATE_DOCUMENT, key | {"document": order.model_dump_json()})
    return True


def read_planned_orders(transaction: Transaction, store_ids: Sequence[str]) -> dict[str, int]:
    """The number of planned orders by store, without stores that have none."""
    if not store_ids:
        return {}
    return {row["store_id"]: row["orders"] for row in transaction.rows(COUNT_ORDERS, (store_ids,))}
