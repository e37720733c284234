"""A delivery is stored and announced in one transaction, numbered by its own row."""

from dataclasses import replace
from datetime import datetime

from functions.delivery.inbox.status import tell
from functions.delivery.life.delivery import Delivery
from functions.delivery.states import NEAR_DOOR
from functions.delivery.tables.actions import ActionRow, insert_action
from functions.delivery.tables.deliveries import update_delivery
from shared.contracts.ids import split_key
from shared.contracts.messages.delivery import (
    DeliveryChanged,
    DeliveryCourierNear,
    DeliveryCreated,
    DeliveryMessage,
    DeliveryMessagePosted,
    delivery_subject,
)
from shared.contracts.messages.orders import order_subject
from shared.spine.outbox import Work


def announce_created(work: Work, delivery: Delivery) -> Delivery:
    """The first message of a new delivery. Its parties are told, too."""
    tell(work, delivery, "created", delivery.created_at)
    return _announced(work, delivery, DeliveryCreated(**_fields(delivery, delivery.created_at)))


def store_change(
    work: Work,
    delivery: Delivery,
    actions: list[str],
    at: datetime,
    now: datetime,
    *,
    reason: str | None = None,
    courier_before: str | None = None,
) -> Delivery:
    """Store a locked delivery as its next revision, with a message for each action. Its parties are told, too."""
    delivery = replace(delivery, revision=delivery.revision + 1, changed_at=now)
    for action in actions:
        message = DeliveryChanged(**_fields(delivery, at), action=action, reason=reason)
        delivery = _announced(work, delivery, message)
        tell(work, delivery, action, now, reason, courier_before)
    update_delivery(work, delivery)
    return delivery


def announce_posted(work: Work, delivery: Delivery, kind: str, to: list[str], at: datetime) -> None:
    """Announce that a party wrote about a locked delivery."""
    message = DeliveryMessagePosted(**_fields(delivery, at), kind=kind, to=to)
    update_delivery(work, _announced(work, delivery, message))


def announce_near(work: Work, delivery: Delivery, metres: int, at: datetime, now: datetime) -> None:
    """Announce that the courier of a locked delivery is so many metres from the door, and note it in the trace."""
    message = DeliveryCourierNear(**_fields(delivery, at), metres=metres)
    update_delivery(work, _announced(work, delivery, message))
    row = ActionRow(
        delivery=delivery.id,
        id=f"near/{int(at.timestamp())}",  # no device can send this id, as it has a slash
        action=NEAR_DOOR,
        actor=delivery.courier or "",
        expected=None,
        found=delivery.carriage,
        became=None,
        refusal=None,
        detail=f"{metres} m",
        happened_at=at,
        received_at=now,
    )
    insert_action(work, row)


def _announced(work: Work, delivery: Delivery, message: DeliveryMessage) -> Delivery:
    delivery = replace(delivery, sequence=delivery.sequence + 1)
    work.announce(
        message,
        subject=delivery_subject(delivery.id),
        sequence=delivery.sequence,
        store=delivery.store,
        about=order_subject(delivery.order),
    )
    return delivery


def _fields(delivery: Delivery, at: datetime) -> dict[str, object]:
    return {
        "delivery": delivery.id,
        "order": delivery.order,
        "chain": delivery.chain,
        "store": split_key(delivery.store)[1],
        "goods": delivery.goods.value,
        "carriage": delivery.carriage.value,
        "courier": delivery.courier,
        "at": at,
        "wanted_until": delivery.wanted_until,
    }
