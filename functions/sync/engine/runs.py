"""Runs of a flow over all systems that have it. A run that reaches the end of its time sends itself a message."""

from collections.abc import Callable
from datetime import datetime

from functions.sync.states import Flow
from functions.sync.tables.flows import FlowRow, read_enabled
from shared.contracts.ids import new_id, split_key
from shared.contracts.messages.sync import SyncRunUnfinished
from shared.kit.isolation import Isolation
from shared.spine.env import Environment

# Runs a flow of one system until a time. Whether all work was done.
RunFlow = Callable[[Environment, FlowRow, datetime], bool]


def run_everywhere(env: Environment, flow: Flow, run: RunFlow, until: datetime) -> None:
    """Run the flow of each system. One system's failure does not stop another's."""
    with env.db.transaction() as transaction:
        rows = read_enabled(transaction, flow)
    with Isolation() as isolation:
        for row in rows:
            with isolation.isolate(f"{flow} {row.system}"):
                if not run(env, row, until):
                    _go_on(env, row)


def run_one(env: Environment, system: str, flow: Flow, run: RunFlow, until: datetime) -> None:
    """Go on with the flow of one system."""
    with env.db.transaction() as transaction:
        rows = [row for row in read_enabled(transaction, flow) if row.system == system]
    for row in rows:
        if not run(env, row, until):
            _go_on(env, row)


def _go_on(env: Environment, row: FlowRow) -> None:
    """The next invocation begins at once, and not at the next tick of the timer."""
    chain, system = split_key(row.system)
    run_id = new_id(env.clock())
    with env.outbox.work("sync") as work:
        work.announce(SyncRunUnfinished(chain=chain, system=system, flow=row.flow), subject=f"run/{run_id}", sequence=1)
