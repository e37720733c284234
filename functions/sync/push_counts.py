"""Every 5 minutes → counts of stock that stores recorded become documents in the outside systems."""

from datetime import datetime

from functions.sync.engine.runs import run_everywhere
from functions.sync.engine.stock import push_stock_of
from functions.sync.states import Flow
from shared.spine import entry
from shared.spine.env import Environment


def push_counts(env: Environment, until: datetime) -> None:
    run_everywhere(env, Flow.PUSH_COUNTS, push_stock_of, until)


handler = entry.timer(push_counts)
