"""HTTP /v1/printing/stores/{store}/agents → the agents of a store."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from functions.printing.agents import machines
from functions.printing.agents.revocation import revoke
from functions.printing.jobs.store_names import names_of
from functions.printing.resources.setup import StorePath, setup_for, shift_for
from functions.printing.tables.agents import Agent, read_agents_of_store
from shared.contracts.models import Input, Output
from shared.contracts.text import Id
from shared.spine.http import Call, Reply

_RIGHT = "printing:enrol"


class AgentPath(StorePath):
    """A print agent of a store."""

    agent: Id


class MachineIn(Input):
    """The machine of the agent: the `known` one, or the `new` one that used its identity."""

    keep: Literal["known", "new"]


class AgentDocument(Output):
    """A print agent. One agent of a store is `printing`; the others stand by.

    `copied`: two programs use its identity, since `copied_at`. With `other_machine` the relay refused the second one.
    With `two_connections` neither gets a job. A person names the right one.
    """

    id: str
    name: str
    state: Literal["online", "offline", "never_seen", "revoked"]
    printing: bool
    enrolled_at: datetime
    seen_at: datetime | None
    version: str
    platform: str
    copied: Literal["other_machine", "two_connections"] | None = None
    copied_at: datetime | None = None


class AgentPage(Output):
    """The agents of a store in the order of their enrolment, with the revoked ones."""

    chain: str
    store: str
    agents: list[AgentDocument]


def list_agents(call: Call, path: StorePath) -> Reply:
    """The agents of a store, with the revoked ones."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        agents = read_agents_of_store(transaction, setup.store_id)
    documents = agent_documents(agents, setup.printing_agent, call.env.clock())
    return Reply(AgentPage(**names_of(setup.store_id), agents=documents))


def revoke_agent(call: Call, path: AgentPath) -> Reply:
    """Revoke an agent. Jobs that it may have begun become `unknown`; its other jobs go to another agent."""
    with call.once() as (work, kept):
        agent = revoke(shift_for(call, work, path.store, _RIGHT, lock=True), path.agent)
        [document] = agent_documents([agent], None, call.env.clock())
        kept.reply = document.model_dump_json()
    return Reply(kept.reply)


def settle_machine(call: Call, path: AgentPath, body: MachineIn) -> Reply:
    """Name the machine of an agent whose identity was used twice. Jobs that may have begun become `unknown`."""
    with call.once() as (work, kept):
        shift = shift_for(call, work, path.store, _RIGHT, lock=True)
        agent = machines.settle(shift, path.agent, body.keep)
        [document] = agent_documents([agent], shift.setup.printing_agent, shift.now)
        kept.reply = document.model_dump_json()
    return Reply(kept.reply)


def agent_documents(agents: Iterable[Agent], printing_agent: str | None, now: datetime) -> list[AgentDocument]:
    """Agents with their present state."""
    return [
        AgentDocument(
            id=agent.id,
            name=agent.name,
            state=_state(agent, now),
            printing=agent.id == printing_agent and agent.online(now),
            enrolled_at=agent.enrolled_at,
            seen_at=agent.seen_at,
            version=agent.version,
            platform=agent.platform,
            copied=agent.copied,
            copied_at=agent.copied_at,
        )
        for agent in agents
    ]


def _state(agent: Agent, now: datetime) -> Literal["online", "offline", "never_seen", "revoked"]:
    if agent.revoked_at:
        return "revoked"
    if agent.online(now):
        return "online"
    return "offline" if agent.seen_at else "never_seen"
