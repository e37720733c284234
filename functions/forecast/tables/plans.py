"""Plans that people enter: closures, openings, promotions, events and school holidays."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.ids import store_key
from shared.spine.db import Transaction

INSERT_PLAN = """
    INSERT INTO forecast_plans (id, chain_id, store_id, kind, first_day, last_day, note)
    VALUES (%(id)s, %(chain)s, %(store_key)s, %(kind)s, %(first_day)s, %(last_day)s, %(note)s)"""
DELETE_PLAN = "DELETE FROM forecast_plans WHERE id = %(id)s AND chain_id = %(chain)s"
SELECT_PLANS = """
    SELECT id, SUBSTRING_INDEX(store_id, ':', -1) AS store, kind, first_day, last_day, note FROM forecast_plans
    WHERE chain_id = %(chain)s AND last_day >= %(first_day)s AND first_day <= %(last_day)s ORDER BY first_day, id"""


@dataclass(frozen=True)
class Plan:
    """A plan of a store, or of all stores of the chain if `store` is None."""

    id: str
    store: str | None
    kind: str
    first_day: date
    last_day: date
    note: str


def insert_plan(transaction: Transaction, chain: str, plan: Plan) -> None:
    """Insert a plan of the chain."""
    key = plan.store and store_key(chain, plan.store)
    transaction.execute(INSERT_PLAN, {**vars(plan), "chain": chain, "store_key": key})


def delete_plan(transaction: Transaction, chain: str, plan_id: str) -> bool:
    """Whether the chain had the plan."""
    return bool(transaction.execute(DELETE_PLAN, {"id": plan_id, "chain": chain}))


def read_plans(transaction: Transaction, chain: str, first_day: date, last_day: date) -> list[Plan]:
    """Plans with at least one day between the two days."""
    values = {"chain": chain, "first_day": first_day, "last_day": last_day}
    return [Plan(**row) for row in transaction.rows(SELECT_PLANS, values)]
