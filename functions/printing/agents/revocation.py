"""The end of an agent: its connection is closed, and its jobs go to another agent or to a person."""

from dataclasses import replace

from functions.printing.agents.roles import take_over
from functions.printing.agents.session import announce_agent
from functions.printing.jobs.failover import follow_up
from functions.printing.jobs.shift import Shift
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent, lock_agent, read_agents_of_store, update_agent
from functions.printing.tables.jobs import lock_open_jobs_of_agent, update_due_at
from functions.printing.tables.printers import read_printers
from print_link.frames import Frame
from shared.contracts.messages.printing import PrintingAgentOffline
from shared.spine.errors import NotFound

REVOKED = "agent_revoked"


def revoke(shift: Shift, agent_id: str) -> Agent:
    """Revoke an agent of the store; a second call changes nothing. Raises `NotFound`."""
    agent = lock_agent(shift.work, agent_id)
    if agent is None or agent.store_id != shift.store_id:
        raise NotFound("unknown_agent", f"there is no agent {agent_id} in this store")
    if agent.revoked_at:
        return agent
    _close_connection(shift, agent)
    revoked = replace(agent, revoked_at=shift.now, connection_id=None, offline_at=agent.offline_at or shift.now)
    if agent.seen_at and not agent.offline_at:
        revoked = replace(revoked, last_sequence=revoked.last_sequence + 1)
        announce_agent(shift, revoked, PrintingAgentOffline, seen_at=agent.seen_at)
    update_agent(shift.work, revoked)
    shift.remember(revoked)
    _end_begun_jobs(shift, revoked)
    take_over(shift, read_agents_of_store(shift.work, agent.store_id))
    for printer in read_printers(shift.work, agent.store_id):
        update_due_at(shift.work, agent.store_id, printer, shift.now)
    return revoked


def revoked_frame(shift: Shift) -> Frame:
    """Says to an agent that it was revoked."""
    return {"type": "error", "code": "revoked", "detail": "by head office", "time": shift.now.timestamp()}


def _close_connection(shift: Shift, agent: Agent) -> None:
    shift.push(agent, revoked_frame(shift))
    if agent.connection_id:
        shift.outbound.closing.add(agent.connection_id)


def _end_begun_jobs(shift: Shift, agent: Agent) -> None:
    """The agent sends no more results. An agent that needs `go` has begun nothing without it."""
    for job in lock_open_jobs_of_agent(shift.work, agent.store_id, agent.id):
        if job.state == JobState.PRINTING or not agent.confirms:
            follow_up(shift, shift.end(job, JobState.UNKNOWN, code=REVOKED))
