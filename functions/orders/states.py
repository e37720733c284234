"""The fulfilment of an order, with its legal moves."""

from shared.contracts.messages.orders import FulfilmentStatus
from shared.spine.errors import Conflict

MOVES = {
    FulfilmentStatus.PLACED: {FulfilmentStatus.ACCEPTED, FulfilmentStatus.CANCELLED},
    FulfilmentStatus.ACCEPTED: {FulfilmentStatus.PREPARING, FulfilmentStatus.CANCELLED},
    FulfilmentStatus.PREPARING: {FulfilmentStatus.READY, FulfilmentStatus.CANCELLED},
    FulfilmentStatus.READY: {FulfilmentStatus.HANDED_OVER, FulfilmentStatus.CANCELLED},
    FulfilmentStatus.HANDED_OVER: set(),
    FulfilmentStatus.CANCELLED: set(),
}


def move_fulfilment(before: FulfilmentStatus, after: FulfilmentStatus) -> FulfilmentStatus:
    """`after`, when it may follow `before`. Raises `Conflict`."""
    if after not in MOVES[before]:
        raise Conflict(
            "illegal_move", f"an order that is {before} can't become {after}", extensions={"fulfilment": before}
        )
    return after
