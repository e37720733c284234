"""How an agent ends: it is let in no more, and what it had goes to another, or to a person."""

from dataclasses import replace
from datetime import datetime

from functions.printing.agents.roles import take_over
from functions.printing.jobs.changes import end
from functions.printing.jobs.dispatch import Mail
from functions.printing.jobs.failover import follow
from functions.printing.jobs.store_names import names_of
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent, read_agent, read_agents_of_store, update_agent
from functions.printing.tables.jobs import lock_open_jobs_of_agent, update_due_at
from functions.printing.tables.printers import read_printers
from functions.printing.tables.setups import Setup
from shared.contracts.messages.printing import PrintingAgentOffline
from shared.spine.env import Environment
from shared.spine.errors import NotFound
from shared.spine.outbox import Work

REVOKED = "agent_revoked"


def revoke(env: Environment, work: Work, setup: Setup, agent_id: str) -> Agent:
    """Revoke a store's agent; a second time changes nothing. Raises `NotFound`."""
    agent = read_agent(work, agent_id, lock=True)
    if agent is None or agent.store_id != setup.store_id:
        raise NotFound("unknown_agent", f"there is no agent {agent_id} in this store")
    if agent.revoked_at:
        return agent
    now, mail = env.clock(), Mail(env)
    _hang_up(mail, agent, now)
    ended = replace(agent, revoked_at=now, connection_id=None, offline_at=agent.offline_at or now)
    if agent.seen_at and not agent.offline_at:
        ended = _tell(work, ended, agent.seen_at)
    update_agent(work, ended)
    _abandon(work, setup, ended, now)
    take_over(work, mail, setup, read_agents_of_store(work, agent.store_id), now)
    for printer in read_printers(work, agent.store_id):
        update_due_at(work, agent.store_id, printer, now)
    work.then(mail.deliver)
    return ended


def _hang_up(mail: Mail, agent: Agent, now: datetime) -> None:
    mail.add(agent, {"type": "error", "code": "revoked", "detail": "by head office", "time": now.timestamp()})
    if agent.connection_id:
        mail.hung_up.add(agent.connection_id)


def _tell(work: Work, agent: Agent, seen_at: datetime) -> Agent:
    agent = replace(agent, last_sequence=agent.last_sequence + 1)
    said = PrintingAgentOffline(agent=agent.id, **names_of(agent.store_id), name=agent.name, seen_at=seen_at)
    work.announce(said, subject=f"agent/{agent.id}", sequence=agent.last_sequence, store=agent.store_id)
    return agent


def _abandon(work: Work, setup: Setup, agent: Agent, now: datetime) -> None:
    """It says no more what became of its jobs. Without leave none was begun where it had to ask for it."""
    for job in lock_open_jobs_of_agent(work, agent.store_id, agent.id):
        if job.state == JobState.PRINTING or not agent.confirms:
            follow(work, setup, end(work, job, JobState.UNKNOWN, now, code=REVOKED), now)
