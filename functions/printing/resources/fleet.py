"""HTTP /v1/printing/fleet → every store of a chain: its printers and agents, and the jobs that wait for a person."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.printing.jobs.store_names import names_of
from functions.printing.resources.agents import AgentDocument, agent_documents
from functions.printing.resources.jobs import JobDocument, document_of
from functions.printing.resources.printers import PrinterState, printer_fields
from functions.printing.tables.fleet import (
    StoreRows,
    Waiting,
    read_fleet,
)
from shared.contracts.ids import split_key
from shared.contracts.models import Output, Query
from shared.contracts.text import Id
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

_RIGHT = "printing:read"


class FleetQuery(Query):
    """A chain. The key sees the stores for which it has `printing:read`."""

    chain: Id
    cursor: Annotated[Id | None, Field(description="`next` of the page before: a store of the chain.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class FleetStore(Output):
    """A store that prints. `can_print`: at least one printer can. `jobs`: the newest jobs that wait for a person.

    `orders_planned`: scheduled orders that print when their kitchen begins. `late_uploads`: tickets of the last 24
    hours that were not printed, because their sale had ended when it arrived.
    """

    chain: str
    store: str
    name: str
    can_print: bool
    agents: list[AgentDocument]
    printers: list[PrinterState]
    jobs_for_person: int
    jobs: list[JobDocument]
    orders_planned: int
    late_uploads: int


class FleetPage(Output):
    """Stores by id, with their state `at` a time. `next` is the cursor of the next page."""

    at: datetime
    stores: list[FleetStore]
    next: str | None


def get_fleet(call: Call, query: FleetQuery) -> Reply:
    """The stores of a chain that print, a page at a time: printers, agents, and jobs that wait for a person."""
    reach, now = call.client.reach(_RIGHT), call.env.clock()
    if query.chain not in reach.all_chains:
        call.client.require(_RIGHT, Scope(query.chain))
    with call.env.db.transaction() as transaction:
        stores = read_fleet(transaction, query.chain, reach, query.cursor or "", query.limit, now)
    following = split_key(stores[-1].id)[1] if len(stores) == query.limit else None
    return Reply(FleetPage(at=now, stores=[store_document(rows, now) for rows in stores], next=following))


def store_document(rows: StoreRows, now: datetime) -> FleetStore:
    """A store of the fleet, with its present state."""
    online = any(agent.id == rows.printing_agent and agent.online(now) for agent in rows.agents)
    printers = [
        PrinterState(**printer_fields(printer, rows.waiting.get(printer.id, Waiting()), online=online))
        for printer in rows.printers
    ]
    return FleetStore(
        **names_of(rows.id),
        name=rows.name,
        can_print=any(printer.can_print for printer in printers),
        agents=agent_documents(rows.agents, rows.printing_agent, now),
        printers=printers,
        jobs_for_person=rows.jobs_for_person,
        jobs=[document_of(job) for job in rows.jobs],
        orders_planned=rows.orders_planned,
        late_uploads=rows.late_uploads,
    )
