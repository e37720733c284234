"""Limits of an order: its size in messages, and the number of its differences."""

from shared.contracts.messages import MAX_MESSAGE_BYTES
from shared.contracts.messages.orders import Difference, Order
from shared.spine.errors import Rejected

# The messages of an order carry its payments and refunds: this leaves room for dozens.
MAX_ORDER_BYTES = MAX_MESSAGE_BYTES - 50 * 1024
MAX_DIFFERENCES = 200


def require_size(document: str) -> None:
    """Raises `Rejected` for an order whose JSON is too large."""
    if len(document.encode()) > MAX_ORDER_BYTES:
        raise Rejected("too_large", "the order is too large for its messages")


def limited_differences(differences: list[Difference]) -> list[Difference]:
    """At most `MAX_DIFFERENCES`, so that they fit into messages; then the last one states how many there are."""
    if len(differences) <= MAX_DIFFERENCES:
        return differences
    count = Difference(path="differences", code="more_differences", stated=len(differences), expected=MAX_DIFFERENCES)
    return [*differences[: MAX_DIFFERENCES - 1], count]


def with_differences(order: Order, differences: list[Difference]) -> Order:
    """The order with further differences."""
    if not differences:
        return order
    return order.model_copy(update={"differences": limited_differences([*order.differences, *differences])})
