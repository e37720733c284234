"""The flow `push_sales` of one system: plan what changed, then send what is due."""

from datetime import datetime, timedelta

from functions.sync.engine.plan import plan_changes
from functions.sync.engine.sales_plan import SALES
from functions.sync.engine.send import send_due
from functions.sync.tables.flows import FlowRow
from shared.spine.env import Environment

# Planning leaves time to send what it found.
SENDING_SHARE = 0.5


def push_sales_of(env: Environment, flow: FlowRow, until: datetime) -> bool:
    """Whether all work was done. A system that fails has its work done by a later run of the timer."""
    now = env.clock()
    planned = plan_changes(env, flow, now + max((until - now) * SENDING_SHARE, timedelta()), SALES)
    sent = send_due(env, flow.system, until)
    return (planned and sent.finished) or sent.failure is not None
