"""timer → agents that have fallen silent are said to be off line, and another one of their store prints."""

from dataclasses import replace
from datetime import datetime, timedelta

from functions.printing.agents.roles import take_over
from functions.printing.jobs.dispatch import Mail
from functions.printing.jobs.store_names import names_of
from functions.printing.link.tokens import TOLERANCE
from functions.printing.tables.agents import Agent, read_agent, read_agents_of_store, read_silent_agents, update_agent
from functions.printing.tables.connections import delete_old_connections
from functions.printing.tables.jobs import update_due_at
from functions.printing.tables.printers import read_printers
from functions.printing.tables.setups import read_setup
from shared.contracts.messages.printing import PrintingAgentOffline
from shared.kit.isolation import Isolation
from shared.spine import entry, log
from shared.spine.db import Locked
from shared.spine.env import Environment
from shared.spine.outbox import Work

BATCH = 200
# No gateway keeps a connection longer than two hours.
CONNECTION_ENDS_AFTER = timedelta(hours=2, minutes=10)


def watch(env: Environment, until: datetime) -> None:
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
                    _miss(env, agent)
                except Locked:
                    log.logger().info("an agent is left for the next time", extra={"agent": agent.id})


def _miss(env: Environment, silent: Agent) -> None:
    now = env.clock()
    with env.outbox.work("printing") as work:
        setup = read_setup(work, silent.store_id, lock=True)  # before its agents, as a hello does
        agent = read_agent(work, silent.id, lock=True)
        if agent is None or agent.offline_at or agent.silent_at is None or agent.silent_at > now:
            return
        agent = replace(agent, offline_at=now, connection_id=None, last_sequence=agent.last_sequence + 1)
        update_agent(work, agent)
        if agent.revoked_at is None:
            _tell(work, agent)
        mail = Mail(env)
        if setup and setup.printing_agent == agent.id:
            take_over(work, mail, setup, read_agents_of_store(work, agent.store_id), now)
            for printer in read_printers(work, agent.store_id):
                update_due_at(work, agent.store_id, printer, now)
        work.then(mail.deliver)


def _tell(work: Work, agent: Agent) -> None:
    said = PrintingAgentOffline(agent=agent.id, **names_of(agent.store_id), name=agent.name, seen_at=agent.seen_at)
    work.announce(said, subject=f"agent/{agent.id}", sequence=agent.last_sequence, store=agent.store_id)


handler = entry.timer(watch)
