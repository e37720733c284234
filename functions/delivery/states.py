"""The two states of a delivery, and the moves that each action makes.

`Goods` is what the packer has done, `Carriage` what the courier has done. They meet at pickup: goods that are picked up
are handed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Goods(StrEnum):
    """Where the goods are."""

    TO_PICK = "to_pick"
    PICKING = "picking"
    PACKED = "packed"
    HANDED = "handed"
    CANCELLED = "cancelled"


class Carriage(StrEnum):
    """Where the courier is."""

    UNASSIGNED = "unassigned"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    AT_STORE = "at_store"
    PICKED_UP = "picked_up"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"


# Before pickup a courier can be changed, and a cancellation ends the delivery.
BEFORE_PICKUP = frozenset({Carriage.UNASSIGNED, Carriage.OFFERED, Carriage.ACCEPTED, Carriage.AT_STORE})
# From pickup to the end the customer sees the courier.
UNDERWAY = frozenset({Carriage.PICKED_UP, Carriage.ON_THE_WAY, Carriage.ARRIVED})
# The key, among the times of a delivery, of the moment at which the courier came near the door.
NEAR_DOOR = "near"
ENDED = frozenset({Carriage.DELIVERED, Carriage.RETURNED, Carriage.CANCELLED})


class BookingState(StrEnum):
    """Where the booking of an outside fleet is. The last three are ends.

    `sending`: the order may have left, and the fleet has not said that it has it. `cancelling`: it is to be cancelled.
    """

    ASKED = "asked"
    SENDING = "sending"
    OPEN = "open"
    CANCELLING = "cancelling"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """A step that a person, or the dispatcher, takes."""

    PICK = "pick"
    PACK = "pack"
    UNPACK = "unpack"
    OFFER = "offer"
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    ACCEPT = "accept"
    DECLINE = "decline"
    ARRIVE_AT_STORE = "arrive_at_store"
    PICK_UP = "pick_up"
    SET_OFF = "set_off"
    ARRIVE = "arrive"
    DELIVER = "deliver"
    FAIL = "fail"
    RETRY = "retry"
    RETURN = "return"
    TAKE_BACK = "take_back"
    CANCEL = "cancel"


class Role(StrEnum):
    """The roles that act. The desk may do what a packer or courier may."""

    DESK = "desk"
    PACKER = "packer"
    COURIER = "courier"


@dataclass(frozen=True)
class Rule:
    """The moves of an action in one of the two states, and the roles that may do it beside the desk."""

    moves: Mapping[Goods, Goods] | Mapping[Carriage, Carriage]
    roles: frozenset[Role] = frozenset()

    @property
    def is_of_goods(self) -> bool:
        """Whether it moves the goods, and not the carriage."""
        return isinstance(next(iter(self.moves)), Goods)


PACKER, COURIER = frozenset({Role.PACKER}), frozenset({Role.COURIER})

RULES: Mapping[Action, Rule] = {
    Action.PICK: Rule({Goods.TO_PICK: Goods.PICKING}, PACKER),
    Action.PACK: Rule({Goods.TO_PICK: Goods.PACKED, Goods.PICKING: Goods.PACKED}, PACKER),
    Action.UNPACK: Rule({Goods.PACKED: Goods.PICKING}, PACKER),
    Action.OFFER: Rule({Carriage.UNASSIGNED: Carriage.OFFERED}),
    Action.ASSIGN: Rule(dict.fromkeys(sorted(BEFORE_PICKUP), Carriage.ACCEPTED)),
    Action.UNASSIGN: Rule(dict.fromkeys(sorted(BEFORE_PICKUP - {Carriage.UNASSIGNED}), Carriage.UNASSIGNED)),
    Action.ACCEPT: Rule({Carriage.UNASSIGNED: Carriage.ACCEPTED, Carriage.OFFERED: Carriage.ACCEPTED}, COURIER),
    Action.DECLINE: Rule({Carriage.OFFERED: Carriage.UNASSIGNED, Carriage.ACCEPTED: Carriage.UNASSIGNED}, COURIER),
    Action.ARRIVE_AT_STORE: Rule({Carriage.ACCEPTED: Carriage.AT_STORE}, COURIER),
    # A packer may hand over, too: a courier's phone may be empty.
    Action.PICK_UP: Rule(
        {Carriage.ACCEPTED: Carriage.PICKED_UP, Carriage.AT_STORE: Carriage.PICKED_UP}, PACKER | COURIER
    ),
    Action.SET_OFF: Rule({Carriage.PICKED_UP: Carriage.ON_THE_WAY}, COURIER),
    Action.ARRIVE: Rule({Carriage.PICKED_UP: Carriage.ARRIVED, Carriage.ON_THE_WAY: Carriage.ARRIVED}, COURIER),
    Action.DELIVER: Rule(dict.fromkeys(sorted(UNDERWAY), Carriage.DELIVERED), COURIER),
    Action.FAIL: Rule(dict.fromkeys(sorted(UNDERWAY), Carriage.FAILED), COURIER),
    Action.RETRY: Rule({Carriage.FAILED: Carriage.ON_THE_WAY}),
    Action.RETURN: Rule({Carriage.FAILED: Carriage.RETURNING}, COURIER),
    Action.TAKE_BACK: Rule({Carriage.FAILED: Carriage.RETURNED, Carriage.RETURNING: Carriage.RETURNED}, PACKER),
    # After pickup the goods come back.
    Action.CANCEL: Rule(
        dict.fromkeys(sorted(BEFORE_PICKUP), Carriage.CANCELLED) | dict.fromkeys(sorted(UNDERWAY), Carriage.FAILED)
    ),
}
