"""A message → the cause of a push: which person it is about, and the values that a template can show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from functions.outlets.guests.rules import Trigger
from functions.outlets.tables.stores import Store
from functions.outlets.text.document import money
from shared.contracts.ids import member_id
from shared.contracts.messages import Message, MessageData
from shared.contracts.messages.delivery import DeliveryChanged, DeliveryCourierNear, DeliveryMessage
from shared.contracts.messages.members import MemberForgotten, MemberMerged, MemberTagChanged
from shared.contracts.messages.orders import FulfilmentStatus, Order, OrderFulfilmentChanged, OrderRefunded, SourceKind
from shared.spine.errors import Rejected
from shared.spine.guest_tokens import hash_in_number

# The courier is at the door, or says that it is near.
NEAR_ACTIONS = frozenset({"near", "arrive"})
MOST_ITEMS = 60
Kind = TypeVar("Kind", bound=MessageData)


class GuestMessage(MessageData):
    """Any message that can cause a push, or that names a person who changed. Each is read as its own type later."""

    model_config = {**MessageData.model_config, "extra": "allow"}

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """The types of these messages."""
        return (
            OrderFulfilmentChanged.type,
            OrderRefunded.type,
            DeliveryChanged.type,
            DeliveryCourierNear.type,
            MemberTagChanged.type,
            MemberMerged.type,
            MemberForgotten.type,
        )

    def read_as(self, kind: type[Kind]) -> Kind:
        """The data as its own type. Raises `Rejected`."""
        try:
            return kind.model_validate(self.model_extra)
        except ValidationError as failure:
            raise Rejected("message_malformed", f"{failure.error_count()} faults in the data") from None


@dataclass(frozen=True)
class Cause:
    """A cause of a push. `subject` is the same for a message that comes twice.

    `order` names the order of a delivery, whose message names no person.
    """

    trigger: Trigger
    subject: str
    at: datetime
    chain: str
    guest_hash: str | None = None
    member: str | None = None
    order: str | None = None
    store: str | None = None
    values: Mapping[str, str] | None = None


def cause_of(message: Message[GuestMessage]) -> Cause | None:
    """The cause in a message; None for a message that tells no guest anything."""
    make = _MAKERS.get(message.type)
    return make(message) if make else None


def values_with_store(cause: Cause, store: Store | None) -> dict[str, str]:
    """The values of the cause, with the store's name and the time by the store's clock."""
    zone = ZoneInfo(store.settings.timezone if store else "UTC")
    names = {"store": store.settings.name} if store else {}
    return {"time": cause.at.astimezone(zone).strftime("%Y-%m-%d %H:%M"), **names, **(cause.values or {})}


def with_person(cause: Cause, order: Order | None) -> Cause:
    """The cause of a delivery, with the person of its order."""
    if order is None:
        return cause
    guest_hash, member = person_of(order)
    return replace(cause, guest_hash=guest_hash, member=member)


def person_of(order: Order) -> tuple[str | None, str | None]:
    """(the guest's hash, our member id) of an order's guest, as far as known."""
    is_own = order.source.kind is SourceKind.MINI_PROGRAM
    member = order.guest.member if order.guest else None
    return hash_in_number(order.source.number) if is_own else None, member_id(order.chain, member) if member else None


def _ready(message: Message[GuestMessage]) -> Cause | None:
    data = message.data.read_as(OrderFulfilmentChanged)
    if data.after is not FulfilmentStatus.READY or data.recalled:
        return None
    return _of_order(Trigger.ORDER_READY, f"order/{data.order.id}", message.time, data.order, {})


def _refunded(message: Message[GuestMessage]) -> Cause | None:
    data = message.data.read_as(OrderRefunded)
    if data.refund.comp:
        return None
    amount = money(data.refund.amount + data.refund.tip, data.order.currency)
    subject = f"order/{data.order.id}/{data.refund.reference}"
    return _of_order(Trigger.REFUND_DONE, subject, message.time, data.order, {"amount": amount})


def _near(message: Message[GuestMessage]) -> Cause:
    return _of_delivery(message, message.data.read_as(DeliveryCourierNear))


def _arrived(message: Message[GuestMessage]) -> Cause | None:
    """Without a place of the courier, its arrival at the door tells the guest."""
    data = message.data.read_as(DeliveryChanged)
    return _of_delivery(message, data) if data.action in NEAR_ACTIONS else None


def _of_delivery(message: Message[GuestMessage], data: DeliveryMessage) -> Cause:
    """One push of a delivery: both messages have the same subject."""
    subject = f"delivery/{data.delivery}"
    store = f"{data.chain}:{data.store}"
    return Cause(Trigger.COURIER_NEAR, subject, message.time, data.chain, order=data.order, store=store)


def _tagged(message: Message[GuestMessage]) -> Cause | None:
    data = message.data.read_as(MemberTagChanged)
    values = {"tag": data.tag, "value": data.after or "", "before": data.before or ""}
    subject = f"{message.subject}/{message.sequence}"
    return Cause(Trigger.TAG_CHANGED, subject, message.time, data.chain, member=data.member, values=values)


def _of_order(trigger: Trigger, subject: str, at: datetime, order: Order, values: Mapping[str, str]) -> Cause:
    texts: dict[str, str] = {
        "number": str(order.pickup_number),
        "items": ", ".join(f"{line.quantity} × {line.name}" for line in order.lines)[:MOST_ITEMS],
        "total": money(order.total, order.currency),
        **values,
    }
    guest_hash, member = person_of(order)
    return Cause(trigger, subject, at, order.chain, guest_hash, member, order.id, order.store_key, texts)


_MAKERS: Mapping[str, Callable[[Message[GuestMessage]], Cause | None]] = {
    OrderFulfilmentChanged.type: _ready,
    OrderRefunded.type: _refunded,
    DeliveryChanged.type: _arrived,
    DeliveryCourierNear.type: _near,
    MemberTagChanged.type: _tagged,
}
