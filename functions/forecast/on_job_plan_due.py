"""job.plan_due → a plan is entered, and the next forecast uses it."""

from functions.forecast.tables.plans import Plan, insert_plan
from shared.contracts.messages import Message
from shared.contracts.messages.jobs import JobPlanDue
from shared.spine import entry
from shared.spine.db import Duplicate
from shared.spine.env import Environment


def enter_plan(message: Message[JobPlanDue], env: Environment) -> None:
    """The message names the plan's id: one that comes twice enters one plan."""
    data = message.data
    plan = Plan(data.plan, data.store, data.kind, data.first_day, data.last_day, data.note)
    try:
        with env.db.transaction() as transaction:
            insert_plan(transaction, data.chain, plan)
    except Duplicate:
        return


handler = entry.queue(JobPlanDue, enter_plan)
