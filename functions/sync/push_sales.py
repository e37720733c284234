"""Every 5 minutes → orders that changed become sales documents and credit notes in the outside systems."""

from datetime import datetime

from functions.sync.engine.runs import run_everywhere
from functions.sync.engine.sales import push_sales_of
from functions.sync.states import Flow
from shared.spine import entry
from shared.spine.env import Environment


def push_sales(env: Environment, until: datetime) -> None:
    run_everywhere(env, Flow.PUSH_SALES, push_sales_of, until)


handler = entry.timer(push_sales)
