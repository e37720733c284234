"""Each step of a delivery is told to the parties that it concerns."""

from collections.abc import Mapping
from datetime import datetime

from functions.delivery.inbox.envelope import Envelope, Kind, Sender
from functions.delivery.inbox.posting import post
from functions.delivery.inbox.recipients import Party, conversation_of, courier_inbox, inboxes_of
from functions.delivery.life.delivery import Delivery
from shared.contracts.ids import new_id
from shared.spine.db import Transaction

DESK, PACKER, COURIER, CUSTOMER = Party.DESK, Party.PACKER, Party.COURIER, Party.CUSTOMER
# A customer hears of what can be seen at the door. A step that nobody waits for is listeners to nobody.
TOLD: Mapping[str, tuple[Party, ...]] = {
    "created": (DESK, PACKER),
    "pack": (DESK, COURIER),
    "unpack": (DESK, COURIER),
    "offer": (COURIER,),
    "assign": (COURIER, PACKER),
    "unassign": (DESK,),
    "accept": (DESK, PACKER),
    "decline": (DESK,),
    "arrive_at_store": (DESK, PACKER),
    "pick_up": (DESK, CUSTOMER),
    "arrive": (DESK, CUSTOMER),
    "deliver": (DESK, CUSTOMER),
    "fail": (DESK, PACKER, CUSTOMER),
    "retry": (COURIER, CUSTOMER),
    "return": (DESK, PACKER),
    "take_back": (DESK, COURIER),
    "cancel": (DESK, PACKER, COURIER, CUSTOMER),
    "courier_left": (DESK,),
    "fleet_in_doubt": (DESK,),
    "details": (DESK, PACKER, COURIER),
}
# What a reader can do about it, by the step.
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "offer": ("accept", "decline"),
    "decline": ("assign",),
    "fail": ("retry", "return"),
    "courier_left": ("assign",),
    "fleet_in_doubt": ("assign",),
}

# Steps that no state of the delivery shows: a person must read them.
NOTICES = frozenset({"courier_left", "fleet_in_doubt"})


def tell(
    transaction: Transaction,
    delivery: Delivery,
    step: str,
    at: datetime,
    reason: str | None = None,
    courier_before: str | None = None,
) -> dict[str, int]:
    """Tell the parties of a step. `courier_before` lost the delivery with it, and hears of that.

    Returns the number of the message by inbox.
    """
    inboxes = inboxes_of(delivery)
    listeners = [party for party in TOLD.get(step, ()) if party in inboxes]
    numbers: dict[str, int] = {}
    if staff := [party for party in listeners if party != CUSTOMER]:
        told = [inboxes[party] for party in staff]
        numbers |= post(transaction, _envelope(delivery, step, staff, at, reason), told, store=delivery.store)
    if CUSTOMER in listeners and not delivery.is_hidden:  # a reason is written for the staff
        envelope = _envelope(delivery, step, [CUSTOMER], at)
        numbers |= post(transaction, envelope, [inboxes[CUSTOMER]], store=delivery.store)
    if courier_before and courier_before != delivery.courier:
        envelope = _envelope(delivery, "taken_away", [COURIER], at, reason)
        lost = [courier_inbox(delivery.chain, courier_before)]
        numbers |= post(transaction, envelope, lost, store=delivery.store)
    return numbers


def _envelope(delivery: Delivery, step: str, to: list[Party], at: datetime, reason: str | None = None) -> Envelope:
    return Envelope(
        id=new_id(at),
        kind=_kind(step),
        at=at,
        sender=Sender(party=None, name=""),
        conversation=conversation_of(delivery),
        to=to,
        template=f"delivery.{step}",
        values={"number": delivery.number, "order": delivery.order, "reason": reason},
        actions=list(ACTIONS.get(step, ())),
    )


def _kind(step: str) -> Kind:
    if step in NOTICES:
        return Kind.NOTICE
    return Kind.ORDER if step in ("created", "details") else Kind.STATUS
