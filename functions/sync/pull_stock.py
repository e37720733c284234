"""Every 5 minutes → stock levels of an outside system mark items of stores as sold out, or available again."""

from datetime import datetime

from functions.sync.engine.runs import run_everywhere
from functions.sync.masters.stock import pull_stock_of
from functions.sync.states import Flow
from shared.spine import entry
from shared.spine.env import Environment


def pull_stock(env: Environment, until: datetime) -> None:
    run_everywhere(env, Flow.PULL_STOCK, pull_stock_of, until)


handler = entry.timer(pull_stock)
