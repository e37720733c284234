"""Every 5 minutes → transfers between stores become documents in the outside systems."""

from datetime import datetime

from functions.sync.engine.runs import run_everywhere
from functions.sync.engine.stock import push_stock_of
from functions.sync.states import Flow
from shared.spine import entry
from shared.spine.env import Environment


def push_transfers(env: Environment, until: datetime) -> None:
    run_everywhere(env, Flow.PUSH_TRANSFERS, push_stock_of, until)


handler = entry.timer(push_transfers)
