"""Scheduled orders are printed when their time has come, by the stations and printers of that time."""

from datetime import datetime

from functions.printing.jobs.order_jobs import print_planned
from functions.printing.tables.plans import FIRST, Plan, read_due_plans
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.db import Locked
from shared.spine.env import Environment

BATCH = 200


def print_due_plans(env: Environment, until: datetime, isolation: Isolation) -> None:
    """Print every plan whose time has come, each in a transaction of its own, and each at most once a run."""
    began, after = env.clock(), FIRST
    # The second half of the time is for jobs that are sent again.
    until = began + (until - began) / 2
    while env.clock() < until:
        with env.db.transaction() as transaction:
            plans = read_due_plans(transaction, began, after, BATCH)
        for plan in plans:
            with isolation.isolate(f"plan of order {plan.order_id}"):
                _print_plan(env, plan)
        if len(plans) < BATCH:
            return
        after = plans[-1].position


def _print_plan(env: Environment, plan: Plan) -> None:
    try:
        print_planned(env, plan)
    except Locked:
        log.logger().info("a plan is left for the next run", extra={"order": plan.order_id})
