"""HTTP /v1/printing/stores/{store}/routing → the stations of a store, and its rules."""

from functions.printing.resources.setup import StorePath, setup_for, setup_to_change
from functions.printing.routing.rules import Routing
from functions.printing.tables.setups import update_routing
from shared.kit.revision import reply_unless_current, tag_headers
from shared.spine.http import Call, Reply

# A routing is replaced and shown as it is stored.
RoutingDocument = Routing


def get_routing(call: Call, path: StorePath) -> Reply:
    """The routing of a store: its stations, and its rules for times."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
    return reply_unless_current(call, setup.revision, lambda: setup.routing)


def put_routing(call: Call, path: StorePath, body: Routing) -> Reply:
    """Replace the routing of a store. Existing jobs stay at their printers."""
    with call.once() as (work, kept):
        setup = setup_to_change(call, work, path)
        update_routing(work, setup.store_id, body)
        kept.reply = body.model_dump_json()
    return Reply(kept.reply, headers=tag_headers(setup.revision + 1))
