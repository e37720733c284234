"""Which of a store's agents prints, and what becomes of the jobs of one that does not any more."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from functions.printing.jobs.changes import end, still_wanted
from functions.printing.jobs.dispatch import Mail, claim, send
from functions.printing.jobs.failover import follow
from functions.printing.link import frames
from functions.printing.routing import LONGEST_PATIENCE, Routing
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent
from functions.printing.tables.jobs import lock_open_jobs_of_agent
from functions.printing.tables.printers import lock_printer, read_printers
from functions.printing.tables.setups import Setup, update_printing_agent
from shared.spine.outbox import Work

LOST = "agent_lost"
# An agent that has begun without leave so far is to come back soon, and hear that it must not.
COME_BACK_WITHIN = 5
# Beside two heartbeats: what a frame may take on its way.
SLACK = timedelta(seconds=5)


def silent_at(routing: Routing, now: datetime) -> datetime:
    """When an agent that says something now counts as off line, should it say no more."""
    return now + 2 * timedelta(seconds=routing.heartbeat) + SLACK


def chosen(current: str | None, agents: Iterable[Agent], now: datetime) -> Agent | None:
    """The agent that is to print: the one that does, while it can; else one that is there and asks before it begins."""
    online = [agent for agent in agents if agent.revoked_at is None and agent.online(now)]
    return next(
        (agent for agent in online if agent.id == current),
        next((agent for agent in online if "confirm" in agent.capabilities), next(iter(online), None)),
    )


def must_confirm(agent: Agent, others: Iterable[Agent], now: datetime) -> bool:
    """With several agents nothing begins without leave, so that what one has can be given to another.

    What was given to one that is revoked since may be in the agent's journal until the last deadline.
    """
    ended = max(agent.enrolled_at, now - LONGEST_PATIENCE)
    return any(other.revoked_at is None or other.revoked_at > ended for other in others)


def call_back(mail: Mail, newcomer: Agent, agents: Iterable[Agent], now: datetime) -> None:
    """The store has several agents from now on: the others are to ask before they begin, and hear so by their hello."""
    for other in agents:
        free = other.id != newcomer.id and not other.confirms and "confirm" in other.capabilities
        if free and other.online(now):
            mail.add(other, {"type": "reconnect", "within": COME_BACK_WITHIN})


def take_over(
    work: Work, mail: Mail, setup: Setup, agents: list[Agent], now: datetime, *, welcomed: str | None = None
) -> Setup:
    """Let the right agent print; what the one before had goes with the role, as far as anybody can know it unbegun.

    The agent `welcomed` has heard of its role by its welcome.
    """
    agent = chosen(setup.printing_agent, agents, now)
    if agent is None or agent.id == setup.printing_agent:
        return setup
    update_printing_agent(work, setup.store_id, agent.id)
    before = next((one for one in agents if one.id == setup.printing_agent), None)
    setup = replace(setup, printing_agent=agent.id)
    if agent.id != welcomed:
        mail.add(agent, {"type": "role", "role": "printing"})
    printers = set(read_printers(work, setup.store_id))
    if before:
        mail.add(before, {"type": "role", "role": "standby"})
        _inherit(work, mail, setup, before, agent, now)
    claim(work, mail, setup, agent, printers, now)
    return setup


def _inherit(work: Work, mail: Mail, setup: Setup, before: Agent, agent: Agent, now: datetime) -> None:
    """One that asks for leave has begun nothing without it. One that does not may have begun all: it keeps them."""
    for job in lock_open_jobs_of_agent(work, setup.store_id, before.id):
        if not before.confirms:
            continue
        if job.state == JobState.PRINTING:
            follow(work, setup, end(work, job, JobState.UNKNOWN, now, code=LOST), now)
            continue
        mail.add(before, frames.cancel(job, "moved"))
        if not still_wanted(job):
            end(work, job, JobState.CANCELLED, now, code=job.withdrawn)
            continue
        printer = lock_printer(work, setup.store_id, job.printer)
        send(work, mail, setup, agent, printer, replace(job, withdrawn=None), now)
