"""Whether an agent's identity is used on one machine alone: a disk image that is started elsewhere uses it twice."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from functions.printing.agents.frame_effects import Link, tell_agent
from functions.printing.agents.roles import COME_BACK_WITHIN, take_over
from functions.printing.jobs.changes import change, end
from functions.printing.jobs.dispatch import Mail
from functions.printing.jobs.failover import follow
from functions.printing.states import JobState
from functions.printing.tables.agents import (
    OTHER_MACHINE,
    TWO_CONNECTIONS,
    Agent,
    Copied,
    read_agent,
    read_agents_of_store,
    update_agent,
)
from functions.printing.tables.connections import (
    delete_connection,
    read_second_connection,
    update_spoke_at,
    update_without_spoke_at,
)
from functions.printing.tables.jobs import lock_open_jobs_of_agent
from functions.printing.tables.setups import Setup, read_setup
from print_link.frames import Frame
from shared.contracts.messages.printing import PrintingAgentCopied
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound
from shared.spine.outbox import Work

MACHINE_CHANGED = "machine_changed"
# An agent closes its old connection 5 s after it has a new one. What was on its way comes within a minute or two, and
# all at once; two words half a minute apart come from a program that lives.
OLD_CONNECTION_ENDS = timedelta(seconds=60)
STILL_ALIVE = timedelta(seconds=30)


def is_other(agent: Agent, machine: Collection[str]) -> bool:
    """Whether nothing of the agent's machine is there. One that says nothing of its machine is believed."""
    return bool(agent.machine and machine) and agent.machine.isdisjoint(machine)


def refuse(link: Link, machine: Collection[str]) -> None:
    """It gets nothing and changes nothing; a person is told, once of each machine."""
    link.answer(_refusal(link))
    link.mail.hung_up.add(link.connection)
    delete_connection(link.work, link.connection, link.agent.id)
    log.logger().warning("another machine", extra={"agent": link.agent.id, "connection": link.connection})
    if link.agent.copied and link.agent.other_machine == frozenset(machine):
        return
    _mark(link, replace(_locked(link.work, link.agent.id), other_machine=frozenset(machine)), OTHER_MACHINE)


def heed(link: Link, *, beats: bool) -> None:
    """A frame has come by this connection. Two programs go by one identity where an older connection lives on.

    Both must live: a newest one that never beats may be one that the agent has given up.
    """
    agent = link.agent
    if agent.connection_id is None or agent.connected_at is None or agent.held:
        return
    if agent.connection_id != link.connection:
        if link.now >= agent.connected_at + OLD_CONNECTION_ENDS:
            update_spoke_at(link.work, link.connection, link.now, STILL_ALIVE)
    elif beats and (second := read_second_connection(link.work, agent.id, link.connection)):
        _hold(link, second)


def _hold(link: Link, second: str) -> None:
    """Nobody knows which one is right, so neither gets a job. Another agent of the store prints, if there is one."""
    setup = read_setup(link.work, link.agent.store_id, lock=True)  # before its agents, as a hello does
    assert setup is not None  # it sent the frame
    link.setup = setup
    for connection in (link.connection, second):
        link.mail.add(link.agent, {"type": "role", "role": "standby"}, connection)
    _mark(link, _locked(link.work, link.agent.id), TWO_CONNECTIONS)
    agents = read_agents_of_store(link.work, link.agent.store_id)
    link.setup = take_over(link.work, link.mail, link.setup, agents, link.now)


def _mark(link: Link, agent: Agent, how: Copied) -> None:
    # A third machine says nothing about which of the two is right.
    kept_back = agent.copied if agent.held else how
    update_agent(link.work, replace(agent, copied=kept_back, copied_at=link.now))
    tell_agent(link, PrintingAgentCopied, reason=how)


def _locked(work: Work, agent_id: str) -> Agent:
    agent = read_agent(work, agent_id, lock=True)
    assert agent is not None  # agents are never deleted
    return agent


def _refusal(link: Link) -> Frame:
    detail = "this identity belongs to another machine"
    return {"type": "error", "code": OTHER_MACHINE, "detail": detail, "time": link.now.timestamp()}


def settle(env: Environment, work: Work, setup: Setup, agent_id: str, keep: str) -> Agent:
    """A person says which machine the agent is on: the `known` one, or the `new` one, which gets what has not begun.

    Raises `NotFound`, `Conflict`.
    """
    agent = read_agent(work, agent_id, lock=True)
    if agent is None or agent.store_id != setup.store_id or agent.revoked_at:
        raise NotFound("unknown_agent", f"there is no agent {agent_id} in this store")
    settled, mail = replace(agent, copied=None, copied_at=None, other_machine=frozenset()), Mail(env)
    if keep == "new":
        settled = _move(env, work, setup, agent, settled, mail)
    elif agent.held:  # it stands by, and hears by its next hello that it does not any more
        mail.add(settled, {"type": "reconnect", "within": COME_BACK_WITHIN})
    work.then(mail.deliver)
    update_without_spoke_at(work, agent.id)
    update_agent(work, settled)
    return settled


def _move(env: Environment, work: Work, setup: Setup, agent: Agent, settled: Agent, mail: Mail) -> Agent:
    if not agent.other_machine:
        raise Conflict("no_other_machine", "no other machine has come with this identity", status=HTTPStatus.CONFLICT)
    if agent.connection_id:
        mail.add(agent, {"type": "error", "code": OTHER_MACHINE, "time": env.clock().timestamp()})
        mail.hung_up.add(agent.connection_id)
        delete_connection(work, agent.connection_id, agent.id)
    _leave(env, work, setup, agent)
    return replace(settled, machine=agent.other_machine, connection_id=None)


def _leave(env: Environment, work: Work, setup: Setup, agent: Agent) -> None:
    """The journal that comes may lack what this one has. Without leave none was begun where it had to ask for it."""
    now = env.clock()
    for job in lock_open_jobs_of_agent(work, agent.store_id, agent.id):
        if job.state == JobState.PRINTING or not agent.confirms:
            follow(work, setup, end(work, job, JobState.UNKNOWN, now, code=MACHINE_CHANGED), now)
        elif job.state == JobState.RECEIVED:
            change(work, job, state=JobState.SENT)
