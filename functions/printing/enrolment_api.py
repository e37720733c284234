"""Codes for agents, their enrolment, and their end."""

from http import HTTPStatus
from ipaddress import ip_network
from weakref import WeakKeyDictionary

from functions.printing import enrolment, machines, store_agents
from functions.printing.dispatch import Mail
from functions.printing.documents import (
    AgentPage,
    AgentPath,
    CodeDocument,
    CodeIn,
    CodesEnded,
    CodesQuery,
    EnrolmentDocument,
    EnrolmentIn,
    MachineIn,
    StorePath,
)
from functions.printing.fleet import agent_documents
from functions.printing.floods import Floods
from functions.printing.places import names_of
from functions.printing.revocation import revoke
from functions.printing.roles import call_back
from functions.printing.setup_api import setup_for
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Unavailable
from shared.spine.http import Call, Reply

_RIGHT = "printing:enrol"
# A person mistypes a code a few times. Of 2^40 codes with ten good ones a thousand places find one in a century.
GUESSES = 10.0
SECONDS_A_GUESS = 30
_guesses: WeakKeyDictionary[Environment, Floods] = WeakKeyDictionary()


def make_code(call: Call, body: CodeIn) -> Reply:
    """A one-time code with which an agent enrols for a store; good for a day, shown once."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, body.store, _RIGHT)
        code, ends = enrolment.make_code(work, setup.place.key, call.client.id, call.env.clock())
        kept.status, kept.secret_until = 201, ends
        kept.reply = CodeDocument(code=code, **names_of(setup.place.key), expires_at=ends).model_dump_json()
    return Reply(kept.reply, kept.status)


def end_codes(call: Call, query: CodesQuery) -> Reply:
    """End every code of a store that nobody has used."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, query.store, _RIGHT)
        ended = store_agents.revoke_codes(work, setup.place.key, call.env.clock())
        kept.reply = CodesEnded(**names_of(setup.place.key), ended=ended).model_dump_json()
    return Reply(kept.reply)


def enrol_agent(env: Environment, address: str, body: EnrolmentIn) -> Reply:
    """Trade a code for an identity. Not signed: the code is the proof, once."""
    guesses = _guesses.setdefault(env, Floods(1 / SECONDS_A_GUESS, GUESSES))
    whose, now = _network(address), env.clock().timestamp()
    if guesses.left(whose, now) < 1:
        status = HTTPStatus.TOO_MANY_REQUESTS
        raise Unavailable("too_many_guesses", "wait a little", status=status, retry_after=SECONDS_A_GUESS)
    try:
        with env.outbox.work("printing") as work:
            agent, made = enrolment.enrol(env, work, body.code, body.key, body.name, body.agent)
            if made:
                mail = Mail(env)
                call_back(mail, agent, store_agents.agents_of_store(work, agent.store_id), env.clock())
                work.then(mail.deliver)
    except NotFound:
        guesses.over(whose, now)
        raise
    relay = "ws" + env.settings.websocket_address.removeprefix("http")
    reply = EnrolmentDocument(agent=agent.id, **names_of(agent.store_id), relays=[relay])
    return Reply(reply, 201 if made else 200)


def list_agents(call: Call, path: StorePath) -> Reply:
    """A store's agents, the revoked too."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        agents = store_agents.agents_of_store(transaction, setup.place.key)
    documents = agent_documents(agents, setup.printing_agent, call.env.clock())
    return Reply(AgentPage(**names_of(setup.place.key), agents=documents))


def revoke_agent(call: Call, path: AgentPath) -> Reply:
    """Let an agent in no more. What it may have begun becomes unknown; the rest goes to another agent."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, path.store, _RIGHT, lock=True)
        agent = revoke(call.env, work, setup, path.agent)
        [document] = agent_documents([agent], None, call.env.clock())
        kept.reply = document.model_dump_json()
    return Reply(kept.reply)


def settle_machine(call: Call, path: AgentPath, body: MachineIn) -> Reply:
    """Say on which machine an agent is whose identity was used twice. What it may have begun becomes unknown then."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, path.store, _RIGHT, lock=True)
        agent = machines.settle(call.env, work, setup, path.agent, body.keep)
        [document] = agent_documents([agent], setup.printing_agent, call.env.clock())
        kept.reply = document.model_dump_json()
    return Reply(kept.reply)


def _network(address: str) -> str:
    """Whoever has one IPv6 address has 2^64 of them."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
