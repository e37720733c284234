"""Every hour → people of the HR system, with their stores, skills and contracts, are kept here."""

from datetime import datetime

from functions.sync.engine.runs import run_everywhere
from functions.sync.pulls.employees import pull_employees_of
from functions.sync.states import Flow
from shared.spine import entry
from shared.spine.env import Environment


def pull_employees(env: Environment, until: datetime) -> None:
    run_everywhere(env, Flow.PULL_EMPLOYEES, pull_employees_of, until)


handler = entry.timer(pull_employees)
