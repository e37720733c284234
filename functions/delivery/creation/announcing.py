"""A delivery is stored and announced in one transaction, numbered by its own row."""

from dataclasses import replace
from datetime import datetime

from functions.delivery.life.delivery import Delivery
from functions.delivery.tables.deliveries import update_delivery
from shared.contracts.ids import split_key
from shared.contracts.messages.delivery import DeliveryChanged, DeliveryCreated, delivery_subject
from shared.contracts.messages.orders import order_subject
from shared.spine.outbox import Work


def announce_created(work: Work, delivery: Delivery) -> Delivery:
    """The first message of a new delivery."""
    return _announced(work, delivery, DeliveryCreated(**_fields(delivery, delivery.created_at)))


def store_change(
    work: Work, delivery: Delivery, actions: list[str], at: datetime, now: datetime, reason: str | None = None
) -> Delivery:
    """Store a locked delivery as its next revision, with a message for each action."""
    delivery = replace(delivery, revision=delivery.revision + 1, changed_at=now)
    for action in actions:
        message = DeliveryChanged(**_fields(delivery, at), action=action, reason=reason)
        delivery = _announced(work, delivery, message)
    update_delivery(work, delivery)
    return delivery


def _announced(work: Work, delivery: Delivery, message: DeliveryCreated | DeliveryChanged) -> Delivery:
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
