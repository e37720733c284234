"""Whether an agent's identity is used on one machine only. A copied disk image uses it twice."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from functions.printing.agents.roles import reconnect_frame, take_over
from functions.printing.agents.session import Session
from functions.printing.jobs.failover import follow_up
from functions.printing.jobs.shift import Shift
from functions.printing.states import JobState
from functions.printing.tables.agents import (
    OTHER_MACHINE,
    TWO_CONNECTIONS,
    Agent,
    Copied,
    lock_agent,
    read_agents_of_store,
    update_agent,
)
from functions.printing.tables.connections import (
    delete_connection,
    read_second_connection,
    update_heard,
    update_not_heard,
)
from functions.printing.tables.jobs import lock_open_jobs_of_agent
from functions.printing.tables.setups import lock_setup
from print_link.frames import Frame
from shared.contracts.messages.printing import PrintingAgentCopied
from shared.spine import log
from shared.spine.errors import Conflict, NotFound
from shared.spine.outbox import Work

MACHINE_CHANGED = "machine_changed"
# An agent closes its old connection 5 s after it has a new one. Delayed frames arrive within a minute or two, and all
# at once. Two frames half a minute apart come from a running program.
OLD_CONNECTION_ENDS = timedelta(seconds=60)
STILL_ALIVE = timedelta(seconds=30)


def is_other(agent: Agent, machine: Collection[str]) -> bool:
    """Whether the machine has no hardware in common with the agent's. A `hello` without hardware is accepted."""
    return bool(agent.machine and machine) and agent.machine.isdisjoint(machine)


def refuse(session: Session, machine: Collection[str]) -> None:
    """The other machine gets nothing and changes nothing. A person is alerted, once for each machine."""
    session.answer(_refusal(session))
    session.close()
    delete_connection(session.shift.work, session.connection, session.agent.id)
    log.logger().warning("another machine", extra={"agent": session.agent.id, "connection": session.connection})
    if session.agent.copied and session.agent.other_machine == frozenset(machine):
        return
    agent = _locked(session.shift.work, session.agent.id)
    _mark_copied(session, replace(agent, other_machine=frozenset(machine)), OTHER_MACHINE)


def watch_connections(session: Session, *, beats: bool) -> None:
    """Two programs use one identity where an older connection is still alive beside the newest one.

    Both must be alive: a newest connection without beats may be one that the agent has left.
    """
    agent = session.agent
    if agent.connection_id is None or agent.connected_at is None or agent.held:
        return
    if agent.connection_id != session.connection:
        if session.now >= agent.connected_at + OLD_CONNECTION_ENDS:
            update_heard(session.shift.work, session.connection, session.now, STILL_ALIVE)
    elif beats and (second := read_second_connection(session.shift.work, agent.id, session.connection)):
        _hold(session, second)


def _hold(session: Session, second: str) -> None:
    """The relay cannot know the right program, so neither gets a job. Another agent of the store may print."""
    shift = session.shift
    setup = lock_setup(shift.work, session.agent.store_id)  # before its agents, as a hello does
    assert setup is not None  # it sent the frame
    shift.setup = setup
    for connection in (session.connection, second):
        shift.push(session.agent, {"type": "role", "role": "standby"}, connection)
    _mark_copied(session, _locked(shift.work, session.agent.id), TWO_CONNECTIONS)
    take_over(shift, read_agents_of_store(shift.work, session.agent.store_id))


def _mark_copied(session: Session, agent: Agent, how: Copied) -> None:
    # A third machine does not say which of the two is the right one.
    copied = agent.copied if agent.held else how
    update_agent(session.shift.work, replace(agent, copied=copied, copied_at=session.now))
    session.announce(PrintingAgentCopied, reason=how)


def _locked(work: Work, agent_id: str) -> Agent:
    agent = lock_agent(work, agent_id)
    assert agent is not None  # agents are never deleted
    return agent


def _refusal(session: Session) -> Frame:
    detail = "this identity belongs to another machine"
    return {"type": "error", "code": OTHER_MACHINE, "detail": detail, "time": session.now.timestamp()}


def settle(shift: Shift, agent_id: str, keep: str) -> Agent:
    """A person names the agent's machine: the `known` one, or the `new` one. The new one gets what has not begun.

    Raises `NotFound`, `Conflict`.
    """
    agent = lock_agent(shift.work, agent_id)
    if agent is None or agent.store_id != shift.store_id or agent.revoked_at:
        raise NotFound("unknown_agent", f"there is no agent {agent_id} in this store")
    settled = replace(agent, copied=None, copied_at=None, other_machine=frozenset())
    if keep == "new":
        settled = _move_to_other_machine(shift, agent, settled)
    elif agent.held:  # it is standby, and learns from its next welcome that it prints again
        shift.push(settled, reconnect_frame())
    update_not_heard(shift.work, agent.id)
    update_agent(shift.work, settled)
    return settled


def _move_to_other_machine(shift: Shift, agent: Agent, settled: Agent) -> Agent:
    if not agent.other_machine:
        raise Conflict("no_other_machine", "no other machine has used this identity", status=HTTPStatus.CONFLICT)
    if agent.connection_id:
        shift.push(agent, {"type": "error", "code": OTHER_MACHINE, "time": shift.now.timestamp()})
        shift.outbound.closing.add(agent.connection_id)
        delete_connection(shift.work, agent.connection_id, agent.id)
    _release_jobs(shift, agent)
    return replace(settled, machine=agent.other_machine, connection_id=None)


def _release_jobs(shift: Shift, agent: Agent) -> None:
    """The new machine's journal may lack these jobs. An agent that needs `go` has begun nothing without it."""
    for job in lock_open_jobs_of_agent(shift.work, agent.store_id, agent.id):
        if job.state == JobState.PRINTING or not agent.confirms:
            follow_up(shift, shift.end(job, JobState.UNKNOWN, code=MACHINE_CHANGED))
        elif job.state == JobState.RECEIVED:
            shift.change(job, state=JobState.SENT)
