"""Pages of orders, and the orders that a source has under a number."""

from functions.orders import store as sql
from functions.orders.models import OrderPage, OrdersQuery
from shared.contracts.stores import find_store
from shared.spine.auth import Scope
from shared.spine.db import Transaction
from shared.spine.errors import Fault, NotFound, Rejected
from shared.spine.http import Call, Reply


def list_orders(call: Call, query: OrdersQuery) -> Reply:
    """Orders in the order of receipt, of the stores the key may read, a page at a time."""
    _require_whole_number(query)
    with call.env.db.snapshot() as transaction:
        reach = call.client.reach("orders:read")
        try:
            place = _place_of(transaction, call, query)
        except NotFound:
            return Reply(OrderPage(orders=[], next=None))
        orders, following = sql.list_orders(transaction, reach.within(query.chain), query, place)
    return Reply(OrderPage(orders=orders, next=following))


def _place_of(transaction: Transaction, call: Call, query: OrdersQuery) -> Scope | None:
    if not query.store:
        return None
    bare = query.chain and ":" not in query.store
    return find_store(transaction, call.client, f"{query.chain}:{query.store}" if bare else query.store)


def _require_whole_number(query: OrdersQuery) -> None:
    """No index finds an order by a part of its source. Raises `Rejected`."""
    parts = {"source": query.source, "source_id": query.source_id, "number": query.number}
    missing = [name for name, part in parts.items() if part is None]
    if 0 < len(missing) < len(parts):
        faults = tuple(Fault(name, "missing", "source, source_id and number go together") for name in missing)
        raise Rejected("query_invalid", f"{len(faults)} fault(s) in the query; each is named", faults=faults)
