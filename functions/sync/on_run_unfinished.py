"""sync.run_unfinished → the flow goes on from its checkpoint."""

from datetime import timedelta
from functools import partial

from functions.sync.engine.runs import RunFlow, run_one
from functions.sync.engine.sales import push_sales_of
from functions.sync.engine.stock import push_stock_of
from functions.sync.masters.items import pull_items_of
from functions.sync.masters.stock import pull_stock_of
from functions.sync.pulls.employees import pull_employees_of
from functions.sync.pulls.sales import pull_till_sales_of
from functions.sync.reconciliation.run import reconcile_of, reconcile_window
from functions.sync.states import Flow
from functions.sync.tables.systems import system_key
from shared.contracts.messages import Message
from shared.contracts.messages.sync import SyncRunUnfinished
from shared.spine import entry
from shared.spine.env import Environment

# Less than the time limit of the function in functions.yml.
RUN_TIME = timedelta(seconds=240)
RUNS: dict[Flow, RunFlow] = {
    Flow.PULL_EMPLOYEES: pull_employees_of,
    Flow.PULL_TILL_SALES: pull_till_sales_of,
    Flow.PULL_ITEMS: pull_items_of,
    Flow.PULL_STOCK: pull_stock_of,
    Flow.PUSH_CONSUMPTION: push_stock_of,
    Flow.PUSH_COUNTS: push_stock_of,
    Flow.PUSH_RECEIPTS: push_stock_of,
    Flow.PUSH_SALES: push_sales_of,
    Flow.PUSH_TRANSFERS: push_stock_of,
    Flow.PUSH_WASTAGE: push_stock_of,
    Flow.RECONCILE: reconcile_of,
}


def go_on(message: Message[SyncRunUnfinished], env: Environment) -> None:
    data = message.data
    flow, run = Flow(data.flow), RUNS[Flow(data.flow)]
    if data.day_from and data.day_until:
        run = partial(reconcile_window, days=(data.day_from, data.day_until))
    run_one(env, system_key(data.chain, data.system), flow, run, env.clock() + RUN_TIME)


handler = entry.queue(SyncRunUnfinished, go_on)
