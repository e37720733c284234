"""Every hour → once a day, sales here are compared with those of the outside systems, and differences are mailed."""

from datetime import datetime

from functions.sync.engine.runs import run_everywhere
from functions.sync.reconciliation.run import reconcile_of
from functions.sync.states import Flow
from shared.spine import entry
from shared.spine.env import Environment


def reconcile(env: Environment, until: datetime) -> None:
    run_everywhere(env, Flow.RECONCILE, reconcile_of, until)


handler = entry.timer(reconcile)
