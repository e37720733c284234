"""Every 5 minutes → prices, tax classes and withdrawals of an outside item master go on the menus of chains."""

from datetime import datetime

from functions.sync.engine.runs import run_everywhere
from functions.sync.masters.items import pull_items_of
from functions.sync.states import Flow
from shared.spine import entry
from shared.spine.env import Environment


def pull_items(env: Environment, until: datetime) -> None:
    run_everywhere(env, Flow.PULL_ITEMS, pull_items_of, until)


handler = entry.timer(pull_items)
