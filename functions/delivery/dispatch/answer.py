"""The result of a round: offers to send now, and the reason why each other order waits."""

from dataclasses import dataclass
from enum import StrEnum


class WhyCourier(StrEnum):
    """Why this courier gets the order."""

    FIXED = "fixed"  # the order names its courier
    BUNDLED = "bundled"  # the courier is about to pick up at this store
    ONLY_ONE = "only_one"  # no other courier can deliver it
    EARLIEST = "earliest"  # this courier delivers it before every other one
    BEST_FOR_ALL = "best_for_all"  # another courier would be earlier; all orders together are earlier with this one


class WhyWaiting(StrEnum):
    """Why an order gets no offer in this round. `NO_VEHICLE` and those below it need a person."""

    NOT_DUE = "not_due"  # its courier can leave later and still be there when it is ready
    COURIER_BUSY = "courier_busy"  # its courier ends another bundle first
    MORE_URGENT_ORDERS = "more_urgent_orders"  # the couriers are planned for other orders
    NO_VEHICLE = "no_vehicle"  # no courier on duty can carry it
    NO_COURIER = "no_courier"  # no courier on duty serves the store
    SHIFTS_END = "shifts_end"  # each courier's last pickup is before the food is ready
    ALL_REFUSED = "all_refused"  # each courier that could deliver it has refused it
    FIXED_COURIER_ABSENT = "fixed_courier_absent"  # its courier is not on duty


NEEDS_A_PERSON = frozenset({
    WhyWaiting.NO_VEHICLE, WhyWaiting.NO_COURIER, WhyWaiting.SHIFTS_END, WhyWaiting.ALL_REFUSED,
    WhyWaiting.FIXED_COURIER_ABSENT,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """New orders for one courier, to be sent now.

    `orders` are the new ones. `dropoffs` are (order, minute) of the whole bundle, in the order of its drop-offs.
    If `grows`, the courier already has a run that these orders join. `next_courier` would deliver `minutes_later`
    minutes later than this courier. Negative minutes mean earlier. None means that no other courier can deliver.
    """

    courier: str
    orders: tuple[str, ...]
    pickup_at: float
    dropoffs: tuple[tuple[str, float], ...]
    why: WhyCourier
    grows: bool = False
    next_courier: str | None = None
    minutes_later: float | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """The offers of this minute, and each other open order with its reason."""

    offers: tuple[Offer, ...]
    waiting: dict[str, WhyWaiting]
