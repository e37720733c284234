"""A message is sent once more because a person asks for it."""

from datetime import datetime

from functions.webhooks.states import DeliveryState, move
from functions.webhooks.tables.deliveries import lock_delivery, update_again
from shared.spine.db import Transaction
from shared.spine.errors import NotFound


def again(transaction: Transaction, endpoint_id: str, message_id: str, now: datetime) -> None:
    """The delivery starts again. A pending one is tried now. Raises `NotFound`."""
    delivery = lock_delivery(transaction, endpoint_id, message_id)
    if delivery is None:
        raise NotFound("unknown_delivery", f"this webhook has no delivery of the message {message_id}")
    move(delivery.state, DeliveryState.PENDING)
    update_again(transaction, endpoint_id, message_id, now)
