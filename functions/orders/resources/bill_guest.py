"""The guest of an open bill: another member takes the place of the former one, of whom nothing stays."""

from functions.orders.bills.requests import BillChangeIn
from functions.orders.resources.bill_change import BillChange
from functions.orders.tables.erasure import GUEST_IN_REPLIES, erase_guests
from shared.contracts.messages.orders import Guest, order_subject
from shared.spine.erasure import erase_from_messages, erase_from_replies


def erase_former_member(change: BillChange, former: Guest | None) -> None:
    """Erase a member who has left the order. An order is found by its present member, so it could not happen later."""
    order = change.order
    member = order.guest.member if order.guest else None
    if former and former.member and former.member != member:
        erase_guests(change.work, [order.id], change.now)
        erase_from_messages(change.work, [order_subject(order.id)], {"$.data.order.guest": None})
        erase_from_replies(change.work, [order.id], GUEST_IN_REPLIES)


def without_guest(body: BillChangeIn) -> BillChangeIn:
    """The same change for no guest, because the member was forgotten."""
    assert body.set is not None  # as of every change with a guest
    return body.model_copy(update={"set": body.set.model_copy(update={"guest": None})})
