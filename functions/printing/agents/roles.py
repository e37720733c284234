"""Which agent of a store prints, and what happens to the jobs of the agent that printed before."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.printing.jobs.changes import is_still_needed
from functions.printing.jobs.failover import follow_up
from functions.printing.jobs.outbound import cancel_frame
from functions.printing.jobs.shift import Shift
from functions.printing.routing.rules import LONGEST_PATIENCE, Routing
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent
from functions.printing.tables.jobs import lock_open_jobs_of_agent
from functions.printing.tables.printers import lock_printer, read_printers
from functions.printing.tables.setups import update_printing_agent

LOST = "agent_lost"
# An agent that has begun jobs without `go` must reconnect soon, to learn that it needs `go` from then on.
RECONNECTS_WITHIN = 5
# A frame may need so long to arrive, beside two heartbeats.
SLACK = timedelta(seconds=5)


def silent_at(routing: Routing, now: datetime, *, confirms: bool) -> datetime:
    """When an agent that sent a frame now counts as off line, unless it sends another."""
    return now + 2 * timedelta(seconds=routing.heartbeat_for(confirms=confirms)) + SLACK


def agent_to_print(current: str | None, agents: Iterable[Agent], now: datetime) -> Agent | None:
    """The agent that prints now, while it is on line; else one that is on line, at best one that can ask for `go`."""
    online = [agent for agent in agents if agent.revoked_at is None and agent.online(now)]
    return next(
        (agent for agent in online if agent.id == current),
        next((agent for agent in online if "confirm" in agent.capabilities), next(iter(online), None)),
    )


def must_confirm(agent: Agent, others: Iterable[Agent], now: datetime) -> bool:
    """Whether the agent must ask for `go`: where a store has several agents, so that its jobs can go to another.

    A revoked agent counts until the last deadline of its jobs: they may be in the journal of this agent.
    """
    relevant_since = max(agent.enrolled_at, now - LONGEST_PATIENCE)
    return any(other.revoked_at is None or other.revoked_at > relevant_since for other in others)


def reconnect_others(shift: Shift, newcomer: Agent, agents: Iterable[Agent]) -> None:
    """The store has several agents from now on: each of the others must ask for `go`. Its next `welcome` says so."""
    for agent in agents:
        unaware = agent.id != newcomer.id and not agent.confirms and "confirm" in agent.capabilities
        if unaware and agent.online(shift.now):
            shift.push(agent, reconnect_frame())


def reconnect_frame() -> dict[str, object]:
    """Asks an agent to open a new connection soon."""
    return {"type": "reconnect", "within": RECONNECTS_WITHIN}


def take_over(shift: Shift, agents: Sequence[Agent], *, welcomed: str | None = None) -> None:
    """Let the right agent print. The jobs of the agent before go to it, if they surely have not begun.

    The agent `welcomed` learns its role from its welcome.
    """
    agent = agent_to_print(shift.setup.printing_agent, agents, shift.now)
    if agent is None or agent.id == shift.setup.printing_agent:
        return
    update_printing_agent(shift.work, shift.store_id, agent.id)
    before = next((candidate for candidate in agents if candidate.id == shift.setup.printing_agent), None)
    shift.setup = replace(shift.setup, printing_agent=agent.id)
    shift.remember(agent)
    if agent.id != welcomed:
        shift.push(agent, {"type": "role", "role": "printing"})
    printers = set(read_printers(shift.work, shift.store_id))
    if before:
        shift.push(before, {"type": "role", "role": "standby"})
        _inherit(shift, before, agent)
    shift.send_queued(printers)


def _inherit(shift: Shift, before: Agent, agent: Agent) -> None:
    """An agent that needs `go` has begun nothing without it. An agent that needs none keeps its jobs."""
    for job in lock_open_jobs_of_agent(shift.work, shift.store_id, before.id):
        if not before.confirms:
            continue
        if job.state == JobState.PRINTING:
            follow_up(shift, shift.end(job, JobState.UNKNOWN, code=LOST))
            continue
        shift.push(before, cancel_frame(job, "moved"))
        if not is_still_needed(job):
            shift.end(job, JobState.CANCELLED, code=job.withdrawn)
            continue
        printer = lock_printer(shift.work, shift.store_id, job.printer)
        shift.send(agent, printer, replace(job, withdrawn=None))
