"""/v1/outlets/people: people to whom an order escalates, with their days on call, and the operations chats."""

from collections.abc import Sequence
from datetime import UTC, date
from http import HTTPStatus
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from functions.outlets.resources.access import MANAGE, READ, ChainQuery, Name, PersonPath, require, require_outlet
from functions.outlets.resources.robots import require_chat_robot
from functions.outlets.tables.people import Person, delete_person, insert_person, read_people, update_person
from functions.outlets.tables.stores import read_stores
from shared.contracts.ids import new_id, store_key
from shared.contracts.models import Input, Output
from shared.contracts.moments import Day
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

Role = Literal["call", "second", "head_office", "operations"]


class OutletPersonIn(Input):
    """A person, or a group chat. Without `outlet` it is of the whole chain; without days it is always on call."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    role: Role
    robot: Name
    address: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    outlet: Id | None = None
    first_day: Day | None = None
    last_day: Day | None = None


class OutletPersonDocument(Output):
    """A person to whom an order escalates."""

    person: str
    chain: str
    name: str
    role: str
    robot: str
    address: str
    outlet: str | None
    first_day: date | None
    last_day: date | None
    on_call: bool = True


class OutletPeopleQuery(ChainQuery):
    """All people of the chain, or with `outlet` those who are for this outlet, today on call or not."""

    outlet: Id | None = None


class OutletPeople(Output):
    """The people of a chain and of its outlets."""

    people: list[OutletPersonDocument]


class OutletPersonDeleted(Output):
    """The person that was deleted."""

    person: str


def list_outlet_people(call: Call, query: OutletPeopleQuery) -> Reply:
    """List the people to whom orders escalate, and who of them is on call today by the outlet's clock."""
    with call.env.db.transaction() as transaction:
        people = _listed(call, transaction, query)
        documents = _documents(call, transaction, people, query.outlet)
    return Reply(OutletPeople(people=documents))


def create_outlet_person(call: Call, query: ChainQuery, body: OutletPersonIn) -> Reply:
    """Add a person."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        person = _person(work, query.chain, new_id(call.env.clock()), body)
        insert_person(work, person)
        stored.status, stored.reply = HTTPStatus.CREATED, _documents(call, work, [person])[0].model_dump_json()
    return Reply(stored.reply, stored.status)


def put_outlet_person(call: Call, path: PersonPath, query: ChainQuery, body: OutletPersonIn) -> Reply:
    """Replace a person, as when the days on call change."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        person = _person(work, query.chain, path.person, body)
        if not update_person(work, person) and person not in read_people(work, query.chain):
            raise _unknown(path.person)
        stored.reply = _documents(call, work, [person])[0].model_dump_json()
    return Reply(stored.reply)


def remove_outlet_person(call: Call, path: PersonPath, query: ChainQuery) -> Reply:
    """Delete a person."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        if not delete_person(work, query.chain, path.person):
            raise _unknown(path.person)
        stored.reply = OutletPersonDeleted(person=path.person).model_dump_json()
    return Reply(stored.reply)


def _listed(call: Call, transaction: Transaction, query: OutletPeopleQuery) -> list[Person]:
    if query.outlet is None:
        require(call, READ, query.chain)
        return read_people(transaction, query.chain)
    key = require_outlet(call, transaction, READ, query.chain, query.outlet)
    return [person for person in read_people(transaction, query.chain) if person.store in (None, key)]


def _documents(
    call: Call, transaction: Transaction, people: Sequence[Person], outlet: str | None = None
) -> list[OutletPersonDocument]:
    """The people. A person of the whole chain is on call by the clock of the outlet that is asked for, or by UTC."""
    stores = {person.id: person.store or (store_key(person.chain, outlet) if outlet else "") for person in people}
    known = read_stores(transaction, set(stores.values()))
    zones = {key: ZoneInfo(store.settings.timezone) for key, store in known.items()}
    now = call.env.clock()
    return [_document(person, now.astimezone(zones.get(stores[person.id], UTC)).date()) for person in people]


def _person(work: Work, chain: str, person: str, body: OutletPersonIn) -> Person:
    key = require_chat_robot(work, chain, body.robot)
    store = store_key(chain, body.outlet) if body.outlet else None
    return Person(person, chain, store, body.name, body.role, key, body.address, body.first_day, body.last_day)


def _unknown(person: str) -> NotFound:
    return NotFound("unknown_person", f"There is no person {person} in this chain.")


def _document(person: Person, today: date) -> OutletPersonDocument:
    first, last = person.first_day or today, person.last_day or today
    return OutletPersonDocument(
        person=person.id,
        chain=person.chain,
        name=person.name,
        role=person.role,
        robot=person.robot.partition(":")[2],
        address=person.address,
        outlet=person.store.partition(":")[2] if person.store else None,
        first_day=person.first_day,
        last_day=person.last_day,
        on_call=first <= today <= last,
    )
