"""HQ's view: every store's agents and printers, and what waits for a person."""

from functions.printing import store_fleet
from functions.printing.documents import FleetPage, FleetQuery
from functions.printing.fleet import store_document
from shared.contracts.ids import split_key
from shared.spine.auth import Scope
from shared.spine.http import Call, Reply

_RIGHT = "printing:read"


def get_fleet(call: Call, query: FleetQuery) -> Reply:
    """The stores of a chain that print, a page at a time: who can print now, and what waits for a person."""
    reach, now = call.client.reach(_RIGHT), call.env.clock()
    if query.chain not in reach.all_chains:
        call.client.require(_RIGHT, Scope(query.chain))
    with call.env.db.transaction() as transaction:
        found = store_fleet.fleet(transaction, query.chain, reach, query.cursor or "", query.limit, now)
    following = split_key(found[-1].id)[1] if len(found) == query.limit else None
    return Reply(FleetPage(at=now, stores=[store_document(rows, now) for rows in found], next=following))
