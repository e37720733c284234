"""timer → silent agents are announced as off line, and another agent of their store prints."""

from dataclasses import replace
from datetime import datetime, timedelta

from functions.printing.agents.roles import take_over
from functions.printing.agents.session import announce_agent
from functions.printing.jobs.shift import Shift
from functions.printing.link.tokens import TOLERANCE
from functions.printing.tables.agents import (
    Agent,
    lock_agent,
    read_agents_of_store,
    read_silent_agents,
    update_agent,
)
from functions.printing.tables.connections import delete_old_connections
from functions.printing.tables.jobs import update_due_at
from functions.printing.tables.printers import read_printers
from functions.printing.tables.setups import lock_setup
from shared.contracts.messages.printing import PrintingAgentOffline
from shared.kit.isolation import Isolation
from shared.spine import entry, log
from shared.spine.db import Locked
from shared.spine.env import Environment

BATCH = 200
# No gateway keeps a connection longer than two hours.
CONNECTION_ENDS_AFTER = timedelta(hours=2, minutes=10)


def watch_fleet(env: Environment, until: datetime) -> None:
    """Each silent agent in a transaction of its own."""
    with env.db.transaction() as transaction:
        now = env.clock()
        delete_old_connections(transaction, now - 2 * TOLERANCE, now - CONNECTION_ENDS_AFTER)
        silent = read_silent_agents(transaction, now, BATCH)
    with Isolation() as isolation:
        for agent in silent:
            if env.clock() >= until:
                return
            with isolation.isolate(agent.id):
                try:
                    _mark_offline(env, agent)
                except Locked:
                    log.logger().info("an agent is left for the next run", extra={"agent": agent.id})


def _mark_offline(env: Environment, silent: Agent) -> None:
    with env.outbox.work("printing") as work:
        now = env.clock()
        setup = lock_setup(work, silent.store_id)  # before its agents, as a hello does
        agent = lock_agent(work, silent.id)
        if setup is None or agent is None or not _is_silent(agent, now):
            return
        agent = replace(agent, offline_at=now, connection_id=None, last_sequence=agent.last_sequence + 1)
        update_agent(work, agent)
        shift = Shift(env, work, setup, now)
        if agent.revoked_at is None:
            announce_agent(shift, agent, PrintingAgentOffline, seen_at=agent.seen_at)
        if setup.printing_agent == agent.id:
            _replace_printing_agent(shift)


def _is_silent(agent: Agent, now: datetime) -> bool:
    return agent.offline_at is None and agent.silent_at is not None and agent.silent_at <= now


def _replace_printing_agent(shift: Shift) -> None:
    take_over(shift, read_agents_of_store(shift.work, shift.store_id))
    for printer in read_printers(shift.work, shift.store_id):
        update_due_at(shift.work, shift.store_id, printer, shift.now)


handler = entry.timer(watch_fleet)
