"""Messages about deliveries. The subject is the delivery; its messages are numbered."""

from datetime import datetime

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData

# The reason of an order that is recalled because its packer took it apart.
UNPACKED = "the delivery was unpacked"


def delivery_subject(delivery_id: str) -> str:
    """The `subject` of messages about a delivery."""
    return f"delivery/{delivery_id}"


class DeliveryMessage(MessageData):
    """A delivery as it stands, without persons. `goods` and `carriage` are its two states.

    `at` is when the state began, by the device. `wanted_until` is the end of the promised time.
    """

    delivery: Ulid
    order: Ulid
    chain: str
    store: str
    goods: str
    carriage: str
    courier: str | None
    at: datetime
    wanted_until: datetime


class DeliveryCreated(DeliveryMessage):
    """An order for delivery was placed."""

    type = "delivery.created"


class DeliveryChanged(DeliveryMessage):
    """An action moved one of the states, or both. `proof`, `proven` and `proof_refused` tell of a file; none moves."""

    type = "delivery.changed"
    action: str
    reason: str | None = None


class DeliveryCourierNear(DeliveryMessage):
    """The courier with the goods came near the door: `metres` away, at most 300. It is told once on each way."""

    type = "delivery.courier_near"
    metres: int


class DeliveryMessagePosted(DeliveryMessage):
    """A party wrote to other parties of the delivery. The text is in their inboxes alone. `to` are those parties."""

    type = "delivery.message_posted"
    kind: str
    to: list[str]
