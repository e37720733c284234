"""An order named in a path: its lookup and the rights that a client needs."""

from functions.orders.bills.requests import BillSourceIn
from functions.orders.intake import store_copies
from functions.orders.intake.guest_order import is_own, require_cancellable
from functions.orders.intake.guest_round import is_bill_of_guest
from shared.contracts.ids import Ulid
from shared.contracts.messages.orders import Order
from shared.contracts.models import Query
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call
from shared.spine.rights import BOUND_RIGHTS

# The rights that a guest token has on the bill that it names.
GUEST_RIGHTS = {"orders:read", "orders:change"}


class OrderPath(Query):
    """An order by its id."""

    order: Ulid


def require_right(
    call: Call, transaction: Transaction, right: str, order: Order, source: BillSourceIn | None = None
) -> None:
    """Raises `Rejected` without the right, and `NotFound` when the client may not even read the order.

    `source` is the sender of a change; by default the order's own source. A guest token reaches only operations that
    take one. So a guest can read its own orders, or cancel them, and can add rounds to the bill of its table.
    """
    if is_own(call, order):
        if right == "orders:cancel":
            require_cancellable(order)
        return
    if right in GUEST_RIGHTS and is_bill_of_guest(call, order):
        return
    scope = store_copies.recent_copy(call.env, transaction, order.store_key).scope
    sender = source or order.source
    allowed = call.client.may(right, scope) and (
        right not in BOUND_RIGHTS or call.client.is_bound_to(sender.kind, sender.id)
    )
    if not (allowed or call.client.may("orders:read", scope)):
        raise unknown_order(order.id)
    if not allowed:
        call.client.require(right, scope)
        call.client.require_source(sender.kind, sender.id)


def unknown_order(order_id: str) -> NotFound:
    """The error for an order that does not exist, or that the client may not see."""
    return NotFound("unknown_order", f"there is no order {order_id}")
