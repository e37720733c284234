"""Orders for later are printed when their time has come, by the stations and printers of that time."""

from datetime import datetime

from functions.printing.jobs.order_jobs import print_planned
from functions.printing.tables.plans import FIRST, Plan, read_due_plans
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.db import Locked
from shared.spine.env import Environment

BATCH = 200


def print_due(env: Environment, until: datetime, isolation: Isolation) -> None:
    """Every plan whose time has come, each in a transaction of its own; once a pass, whatever becomes of it."""
    began, after = env.clock(), FIRST
    # The other half is for jobs that wait to be sent again.
    until = began + (until - began) / 2
    while env.clock() < until:
        with env.db.transaction() as transaction:
            plans = read_due_plans(transaction, began, after, BATCH)
        for plan in plans:
            with isolation.isolate(f"order {plan.order_id} for later"):
                _print(env, plan)
        if len(plans) < BATCH:
            return
        after = plans[-1].position


def _print(env: Environment, plan: Plan) -> None:
    try:
        print_planned(env, plan)
    except Locked:
        log.logger().info("an order for later is left for the next time", extra={"order": plan.order_id})
