"""Every 5 minutes → sales of outside tills that are new or changed are handed to order intake."""

from datetime import datetime

from functions.sync.engine.runs import run_everywhere
from functions.sync.pulls.sales import pull_till_sales_of
from functions.sync.states import Flow
from shared.spine import entry
from shared.spine.env import Environment


def pull_till_sales(env: Environment, until: datetime) -> None:
    run_everywhere(env, Flow.PULL_TILL_SALES, pull_till_sales_of, until)


handler = entry.timer(pull_till_sales)
