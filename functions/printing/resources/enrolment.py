"""HTTP /v1/printing/codes and /enrolments → one-time codes, and agents that enrol with them."""

from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_network
from typing import Annotated
from weakref import WeakKeyDictionary

from pydantic import Field

from functions.printing.agents import enrolment
from functions.printing.agents.roles import reconnect_others
from functions.printing.jobs.shift import Shift
from functions.printing.jobs.store_names import names_of
from functions.printing.resources.setup import setup_for
from functions.printing.tables.agents import Agent, read_agents_of_store
from functions.printing.tables.codes import update_codes_ended
from functions.printing.tables.setups import read_setup
from shared.contracts.models import Input, Output, Query
from shared.contracts.stores import StoreReference
from shared.kit.rate_limit import RateLimit
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Unavailable
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

_RIGHT = "printing:enrol"


class CodeIn(Input):
    """The store of the new agent."""

    store: StoreReference


class CodeDocument(Output):
    """A one-time code. It is shown only in this reply."""

    code: Annotated[str, Field(examples=["7KQ2-M4XD"])]
    chain: str
    store: str
    expires_at: datetime


class CodesQuery(Query):
    """The store of the codes."""

    store: StoreReference


class CodesEnded(Output):
    """The number of unused codes that were ended."""

    chain: str
    store: str
    ended: int


class EnrolmentIn(Input):
    """A code, and the key that the agent made: 32 bytes in base64url."""

    code: Annotated[str, Field(min_length=1, max_length=32, examples=["7KQ2-M4XD"])]
    key: Annotated[str, Field(min_length=43, max_length=44)]
    name: Annotated[str, Field(min_length=1, max_length=64, examples=["till-1"])]
    agent: Annotated[str, Field(max_length=64, description="The version of the agent.")] = ""
    protocol: Annotated[int, Field(ge=1)] = 1


class EnrolmentDocument(Output):
    """The identity of the agent, and its relays in the order of preference."""

    agent: str
    chain: str
    store: str
    relays: list[str]


# A person mistypes a code a few times. A thousand networks need a century to guess one of ten codes among 2^40.
GUESSES = 10.0
SECONDS_A_GUESS = 30


_guesses: WeakKeyDictionary[Environment, RateLimit] = WeakKeyDictionary()


def make_code(call: Call, body: CodeIn) -> Reply:
    """A one-time code for enrolling an agent in a store. It is good for a day, and is shown once."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, body.store, _RIGHT)
        code, ends = enrolment.make_code(work, setup.store_id, call.client.id, call.env.clock())
        kept.status, kept.secret_until = 201, ends
        kept.reply = CodeDocument(code=code, **names_of(setup.store_id), expires_at=ends).model_dump_json()
    return Reply(kept.reply, kept.status)


def end_codes(call: Call, query: CodesQuery) -> Reply:
    """End every unused code of a store."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, query.store, _RIGHT)
        ended = update_codes_ended(work, setup.store_id, call.env.clock())
        kept.reply = CodesEnded(**names_of(setup.store_id), ended=ended).model_dump_json()
    return Reply(kept.reply)


def enrol_agent(env: Environment, address: str, body: EnrolmentIn) -> Reply:
    """Exchange a code for an identity. The request is not signed: the code is the proof."""
    guesses = _guesses.setdefault(env, RateLimit(1 / SECONDS_A_GUESS, GUESSES))
    network, now = _network(address), env.clock().timestamp()
    if guesses.available(network, now) < 1:
        status = HTTPStatus.TOO_MANY_REQUESTS
        raise Unavailable(
            "too_many_guesses",
            "too many wrong codes from this address, wait before the next one",
            status=status,
            retry_after=SECONDS_A_GUESS,
        )
    try:
        with env.outbox.work("printing") as work:
            agent, is_new = enrolment.enrol(env, work, body.code, body.key, body.name, body.agent)
            if is_new:
                _tell_other_agents(env, work, agent)
    except NotFound:
        guesses.spend(network, now)
        raise
    relay = "ws" + env.settings.websocket_address.removeprefix("http")
    reply = EnrolmentDocument(agent=agent.id, **names_of(agent.store_id), relays=[relay])
    return Reply(reply, 201 if is_new else 200)


def _tell_other_agents(env: Environment, work: Work, agent: Agent) -> None:
    setup = read_setup(work, agent.store_id)
    assert setup is not None  # its code was made for it
    reconnect_others(Shift(env, work, setup, env.clock()), agent, read_agents_of_store(work, agent.store_id))


def _network(address: str) -> str:
    """The /64 network of an IPv6 address: a caller with one address has all of them."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
