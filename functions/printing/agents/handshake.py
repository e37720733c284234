"""The first frame of a connection: the agent gets its role, and the jobs that wait for it."""

from dataclasses import replace
from datetime import datetime

from functions.printing.agents import machines
from functions.printing.agents.frame_handlers import on_printer
from functions.printing.agents.roles import agent_to_print, must_confirm, reconnect_others, silent_at, take_over
from functions.printing.agents.session import Session
from functions.printing.jobs.failover import follow_up
from functions.printing.jobs.outbound import cancel_frame
from functions.printing.link import frames
from functions.printing.link.inbound import Hello
from functions.printing.states import JobState
from functions.printing.tables.agents import Agent, lock_agent, read_agents_of_store, update_agent
from functions.printing.tables.jobs import Job, lock_open_jobs_of_agent
from functions.printing.tables.printers import lock_printer, read_printers
from functions.printing.tables.setups import lock_setup
from print_link.frames import PROTOCOL
from shared.contracts.messages.printing import PrintingAgentOnline
from shared.spine.epoch import read_epoch

JOURNAL_LOST = "journal_lost"


def on_hello(session: Session, frame: Hello) -> None:
    """Welcome the agent, compare its journal with the relay's jobs, and send what waits for it."""
    if frame.oldest > PROTOCOL:
        versions = {"oldest": PROTOCOL, "newest": PROTOCOL}
        session.answer({"type": "error", "code": "protocol_unsupported", "about": "hello", **versions})
        return
    if machines.is_other(session.agent, frame.machine or ()):
        machines.refuse(session, frame.machine or ())
        return
    agents, before = _store_connection(session, frame)
    prints = agent_to_print(session.shift.setup.printing_agent, agents, session.now) == session.agent
    _welcome(session, "printing" if prints else "standby")
    if before.offline_at or before.connected_at is None:
        session.announce(PrintingAgentOnline)
    if before.journal not in (None, frame.journal):
        _end_lost_jobs(session)
    if prints:
        _start_printing(session, frame, agents)
    else:
        _ask_back(session)


def _store_connection(session: Session, frame: Hello) -> tuple[list[Agent], Agent]:
    """(the store's agents, this agent before). From now on frames to the agent leave by this connection."""
    # The lock keeps two agents apart that come back together: each would see the other off line, and print.
    setup = lock_setup(session.shift.work, session.agent.store_id)
    before = lock_agent(session.shift.work, session.agent.id)
    assert setup is not None  # it sent the frame
    assert before is not None
    session.shift.setup = setup
    agents = read_agents_of_store(session.shift.work, before.store_id)
    others = [agent for agent in agents if agent.id != before.id]
    several = must_confirm(before, others, session.now)
    session.replace_agent(_connected(session, before, frame, confirms=several and "confirm" in frame.capabilities))
    update_agent(session.shift.work, session.agent)
    if several:
        reconnect_others(session.shift, session.agent, others)
    return sorted([*others, session.agent], key=_enrolled_at), before


def _connected(session: Session, agent: Agent, frame: Hello, *, confirms: bool) -> Agent:
    return replace(
        agent,
        connection_id=session.connection,
        connected_at=session.now,
        seen_at=session.now,
        silent_at=silent_at(session.shift.setup.routing, session.now, confirms=confirms),
        offline_at=None,
        journal=frame.journal,
        capabilities=frozenset(filter(str.isascii, frame.capabilities)),
        version=frame.agent,
        platform=frame.platform or "",
        machine=frozenset(frame.machine or agent.machine),
        confirms=confirms,
    )


def _enrolled_at(agent: Agent) -> datetime:
    return agent.enrolled_at


def _welcome(session: Session, role: str) -> None:
    routing = session.shift.setup.routing
    times = {"heartbeat": routing.heartbeat_for(confirms=session.agent.confirms), "lifetime": routing.lifetime}
    epoch = read_epoch(session.shift.work)
    session.answer(frames.welcome(session.now, epoch=epoch, **times, role=role, confirm=session.agent.confirms))


def _open_jobs(session: Session) -> list[Job]:
    return lock_open_jobs_of_agent(session.shift.work, session.agent.store_id, session.agent.id)


def _end_lost_jobs(session: Session) -> None:
    """The agent has a new journal. Its jobs before may be on paper, or not."""
    for job in _open_jobs(session):
        follow_up(session.shift, session.shift.end(job, JobState.UNKNOWN, code=JOURNAL_LOST))


def _ask_back(session: Session) -> None:
    """Another agent prints. This agent returns the jobs that it has not begun."""
    for job in _open_jobs(session):
        withdrawn = job if job.withdrawn else session.shift.change(job, withdrawn="moved")
        session.answer(cancel_frame(withdrawn, withdrawn.withdrawn or "moved"))


def _start_printing(session: Session, frame: Hello, agents: list[Agent]) -> None:
    _send_again(session, frame)
    take_over(session.shift, agents, welcomed=session.agent.id)
    for printer in frame.printers:
        on_printer(session, printer)
    printers = read_printers(session.shift.work, session.agent.store_id)
    session.free_printers |= {printer.printer for printer in frame.printers} | set(printers)


def _send_again(session: Session, frame: Hello) -> None:
    """Acknowledgements may have been lost. Jobs that are not in the journal are sent again."""
    for job in _open_jobs(session):
        if job.withdrawn:
            session.answer(cancel_frame(job, job.withdrawn))
        elif job.state == JobState.SENT and job.seq <= frame.cursor.get(job.printer, 0):
            session.shift.change(job, state=JobState.RECEIVED, received_at=session.now)
        elif job.state == JobState.SENT:
            printer = lock_printer(session.shift.work, job.store_id, job.printer)
            session.shift.send(session.agent, printer, job)
