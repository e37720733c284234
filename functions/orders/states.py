"""The statuses of an order beside its payment: the fulfilment and the bill, with their legal moves."""

from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import FulfilmentStatus, Order
from shared.spine.errors import Conflict

STEPS = [
    FulfilmentStatus.PLACED,
    FulfilmentStatus.ACCEPTED,
    FulfilmentStatus.PREPARING,
    FulfilmentStatus.READY,
    FulfilmentStatus.HANDED_OVER,
]
# The steps to which an order can be recalled.
RECALLS = {FulfilmentStatus.ACCEPTED, FulfilmentStatus.PREPARING, FulfilmentStatus.READY}
MOVES = {
    **{step: {*STEPS[number + 1 :], FulfilmentStatus.CANCELLED} for number, step in enumerate(STEPS)},
    FulfilmentStatus.HANDED_OVER: set(),
    FulfilmentStatus.CANCELLED: set(),
}


def move_fulfilment(before: FulfilmentStatus, after: FulfilmentStatus) -> FulfilmentStatus:
    """`after`, when it may follow `before`: any later step, or the cancellation. Raises `Conflict`."""
    if after not in MOVES[before]:
        raise _illegal(f"an order that is {before} can't become {after}", before)
    return after


def is_recall(before: FulfilmentStatus, after: FulfilmentStatus) -> bool:
    """Whether the move leads back."""
    return before in STEPS and after in STEPS and STEPS.index(after) < STEPS.index(before)


def recall_fulfilment(before: FulfilmentStatus, after: FulfilmentStatus) -> FulfilmentStatus:
    """`after`, when an order can be recalled to it from `before`. Raises `Conflict`."""
    if after not in RECALLS or not is_recall(before, after):
        raise _illegal(f"an order that is {before} can't be recalled to {after}", before)
    return after


def _illegal(detail: str, fulfilment: FulfilmentStatus) -> Conflict:
    return Conflict("illegal_move", detail, extensions={"fulfilment": fulfilment})


def require_bill(order: Order, *statuses: BillStatus) -> None:
    """Raises `Conflict` when the order is cancelled, or its bill has none of these statuses."""
    if order.fulfilment == FulfilmentStatus.CANCELLED:
        raise _illegal("the order is cancelled", order.fulfilment)
    if order.bill in statuses:
        return
    detail, extensions = f"the bill is {order.bill}", {"bill": order.bill}
    if BillStatus.CLOSED in statuses:
        raise Conflict("bill_not_closed", detail, extensions=extensions)
    raise Conflict("bill_not_open", detail, extensions=extensions)
