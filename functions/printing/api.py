"""HTTP → enrolment of print agents; printers, stations, jobs and the fleet under /v1/printing."""

from functions.printing import enrolment
from functions.printing import store as sql
from functions.printing.documents import CodeDocument, CodeIn, EnrolmentDocument, EnrolmentIn, StorePath
from functions.printing.routing import Routing
from functions.printing.store import Setup
from shared import entry
from shared.db import Transaction
from shared.environment import Environment
from shared.errors import NotFound
from shared.http import Api, Call, Operation, Reply

ANY = (401, 422, 429, 500, 503)
READING = (*ANY, 403, 404)
MAKING = (*ANY, 400, 403, 404, 409, 413, 415)


def make_code(call: Call, body: CodeIn) -> Reply:
    """A one-time code with which an agent enrols for a store; good for a day, shown once."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, body.store, "printing:enrol")
        code, ends = enrolment.make_code(work, setup.place.store, call.client.id, call.house.clock())
        kept.status, kept.reply = 201, CodeDocument(code=code, store=body.store, expires_at=ends).model_dump_json()
    return Reply(kept.reply, kept.status)


def get_routing(call: Call, path: StorePath) -> Reply:
    """How a store prints."""
    with call.house.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
    return Reply(setup.routing)


def put_routing(call: Call, path: StorePath, body: Routing) -> Reply:
    """Replace how a store prints; jobs that exist stay where they are."""
    with call.once() as (work, kept):
        setup_for(call, work, path.store, "printing:write")
        sql.keep_routing(work, path.store, body)
        kept.reply = body.model_dump_json()
    return Reply(kept.reply)


def setup_for(call: Call, transaction: Transaction, store: str, right: str) -> Setup:
    """How a store prints, where the caller has the right to it. Raises `NotFound`, `Rejected` (403)."""
    found = sql.read_setup(transaction, store)
    if found is None:
        raise NotFound("unknown_store", f"there is no store {store}")
    call.client.require(right, found.place)
    return found


def enrol_agent(house: Environment, body: EnrolmentIn) -> Reply:
    """Trade a code for an identity. Not signed: the code is the proof, once."""
    with house.db.transaction() as transaction:
        agent, made = enrolment.enrol(house, transaction, body.code, body.key, body.name, body.agent)
    relay = "ws" + house.settings.websocket_address.removeprefix("http")
    reply = EnrolmentDocument(agent=agent.id, store=agent.store_id, relays=[relay])
    return Reply(reply, 201 if made else 200)


OPERATIONS = [
    Operation("GET", "/v1/printing/stores/{store}/routing", get_routing, {200: Routing}, READING),
    Operation("PUT", "/v1/printing/stores/{store}/routing", put_routing, {200: Routing}, MAKING),
    Operation("POST", "/v1/printing/codes", make_code, {201: CodeDocument}, MAKING),
    Operation(
        "POST", "/v1/printing/enrolments", enrol_agent, {200: EnrolmentDocument, 201: EnrolmentDocument},
        (400, 404, 409, 410, 413, 415, 422, 500, 503), public=True,
    ),
]  # fmt: skip


def make_app(house: Environment) -> object:
    """The WSGI app over this environment."""
    return Api(house, "printing", OPERATIONS).app


handler = entry.http(make_app)
