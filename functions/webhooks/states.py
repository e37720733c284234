"""Every status of webhooks, and the moves between them."""

from collections.abc import Mapping
from enum import StrEnum

from shared.spine.errors import Conflict


class EndpointStatus(StrEnum):
    """A `disabled` endpoint gets no messages until a person enables it."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """`by_request`: a person did it. `failing`: three days without a success. `gone`: the endpoint answered 410."""

    BY_REQUEST = "by_request"
    FAILING = "failing"
    GONE = "gone"


class DeliveryState(StrEnum):
    """`pending` until the endpoint accepts the message; `failed` after three days or with a disabled endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


DELIVERY_MOVES: Mapping[DeliveryState, set[DeliveryState]] = {
    DeliveryState.PENDING: {DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.FAILED},
    # A person asks for the message once more.
    DeliveryState.DELIVERED: {DeliveryState.PENDING},
    DeliveryState.FAILED: {DeliveryState.PENDING},
}


def move(before: DeliveryState, after: DeliveryState) -> DeliveryState:
    """`after`, if it may follow `before`. Raises `Conflict`."""
    if after not in DELIVERY_MOVES[before]:
        raise Conflict("illegal_move", f"A delivery that is {before} cannot become {after}.")
    return after
