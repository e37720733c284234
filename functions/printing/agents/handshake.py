"""The first frame of a connection: who prints, what the agent has, what it is to get."""

from dataclasses import replace
from datetime import datetime

from functions.printing.agents import machines
from functions.printing.agents.frame_effects import Link, on_printer, tell_agent
from functions.printing.agents.roles import call_back, chosen, must_confirm, silent_at, take_over
from functions.printing.jobs.changes import change, end
from functions.printing.jobs.dispatch import send
from functions.printing.jobs.failover import follow
from functions.printing.link import frames
from functions.printing.link.frames import Hello
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent, read_agent, read_agents_of_store, update_agent
from functions.printing.tables.jobs import lock_open_jobs_of_agent
from functions.printing.tables.printers import lock_printer, read_printers
from functions.printing.tables.setups import read_setup
from print_link.frames import PROTOCOL
from shared.contracts.messages.printing import PrintingAgentOnline

FORGOTTEN = "journal_lost"


def on_hello(link: Link, frame: Hello) -> None:
    """Welcome the agent, settle what it has, and send what waits for it."""
    if frame.oldest > PROTOCOL:
        versions = {"oldest": PROTOCOL, "newest": PROTOCOL}
        link.answer({"type": "error", "code": "protocol_unsupported", "about": "hello", **versions})
        return
    if machines.is_other(link.agent, frame.machine or ()):
        machines.refuse(link, frame.machine or ())
        return
    agents, before = _meet(link, frame)
    prints = chosen(link.setup.printing_agent, agents, link.now) == link.agent
    routing, role = link.setup.routing, "printing" if prints else "standby"
    times = {"heartbeat": routing.heartbeat, "lifetime": routing.lifetime}
    link.answer(frames.welcome(link.now, **times, role=role, confirm=link.agent.confirms))
    if before.offline_at or before.connected_at is None:
        tell_agent(link, PrintingAgentOnline)
    if before.journal not in (None, frame.journal):
        _forgotten(link)
    if prints:
        _settle(link, frame)
        link.setup = take_over(link.work, link.mail, link.setup, agents, link.now, welcomed=link.agent.id)
        for printer in frame.printers:
            on_printer(link, printer)
        link.claims |= {one.printer for one in frame.printers} | set(read_printers(link.work, link.agent.store_id))
    else:
        _ask_back(link)


def _meet(link: Link, frame: Hello) -> tuple[list[Agent], Agent]:
    """(the store's agents as they are now, this one as it was): this connection is the one to send by."""
    # One after the other: of two that come back together each would find the other one off line, and print.
    setup = read_setup(link.work, link.agent.store_id, lock=True)
    before = read_agent(link.work, link.agent.id, lock=True)
    assert setup is not None  # it sent the frame
    assert before is not None
    link.setup = setup
    others = [one for one in read_agents_of_store(link.work, before.store_id) if one.id != before.id]
    several = must_confirm(before, others, link.now)
    link.agent = replace(
        before,
        connection_id=link.connection,
        connected_at=link.now,
        seen_at=link.now,
        silent_at=silent_at(link.setup.routing, link.now),
        offline_at=None,
        journal=frame.journal,
        capabilities=frozenset(filter(str.isascii, frame.capabilities)),
        version=frame.agent,
        platform=frame.platform or "",
        machine=frozenset(frame.machine or before.machine),
        confirms=several and "confirm" in frame.capabilities,
    )
    update_agent(link.work, link.agent)
    if several:
        call_back(link.mail, link.agent, others, link.now)
    return sorted([*others, link.agent], key=_enrolled), before


def _enrolled(agent: Agent) -> datetime:
    return agent.enrolled_at


def _forgotten(link: Link) -> None:
    """Its disk is another one: what it had may be on paper, or not."""
    for job in lock_open_jobs_of_agent(link.work, link.agent.store_id, link.agent.id):
        follow(link.work, link.setup, end(link.work, job, JobState.UNKNOWN, link.now, code=FORGOTTEN), link.now)


def _ask_back(link: Link) -> None:
    """Another one prints by now, and what this one has not begun goes there."""
    for job in lock_open_jobs_of_agent(link.work, link.agent.store_id, link.agent.id):
        asked = job if job.withdrawn else change(link.work, job, withdrawn="moved")
        link.answer(frames.cancel(asked, asked.withdrawn or "moved"))


def _settle(link: Link, frame: Hello) -> None:
    """Acknowledgements may have been lost; what was not acknowledged goes again."""
    for job in lock_open_jobs_of_agent(link.work, link.agent.store_id, link.agent.id):
        if job.withdrawn:
            link.answer(frames.cancel(job, job.withdrawn))
        elif job.state == JobState.SENT and job.seq <= frame.cursor.get(job.printer, 0):
            change(link.work, job, state=JobState.RECEIVED, received_at=link.now)
        elif job.state == JobState.SENT:
            printer = lock_printer(link.work, job.store_id, job.printer)
            send(link.work, link.mail, link.setup, link.agent, printer, job, link.now)
