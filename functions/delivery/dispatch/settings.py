"""A chain's choices for dispatch. The defaults were tuned on public instances: docs/develop/dispatch.md."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from functions.delivery.dispatch.facts import Place

# Minutes from place to place with a vehicle.
Travel = Callable[[Place, Place, str], float]


@dataclass(frozen=True, slots=True)
class StraightLine:
    """Straight distance × `detour` ÷ speed. `speeds` are metres a minute by vehicle; "" is any other vehicle."""

    speeds: dict[str, float]
    detour: float = 1.3  # streets of European and Chinese cities are 1.2 to 1.4 times as long as the straight line

    def __call__(self, start: Place, end: Place, vehicle: str) -> float:
        speed = self.speeds.get(vehicle) or self.speeds[""]
        return math.hypot(end.x - start.x, end.y - start.y) * self.detour / speed


@dataclass(frozen=True, slots=True)
class Settings:
    """Minutes, where not said otherwise."""

    travel: Travel = StraightLine({"": 250.0})
    pickup_service: float = 4.0  # half before the pickup, half after it
    dropoff_service: float = 4.0
    most_bundled: int = 3  # orders
    answer_time: float = 1.0  # until the next round; an offer must leave the courier as much
    decline_share: float = 0.0  # of the offers, as far as known; it makes offers earlier where a decline would hurt
    lead: float = 3.3  # minutes for each minute that a decline is expected to cost
    longest_lead: float = 3.0
    no_other: float = 15.0  # minutes that a decline costs where no other courier can deliver
    early: float = 5.0  # a courier is there as much before an estimated ready time
    overdue: float = 4.0  # an order that is not ready at its estimated time is ready as much later than now
    spread: float = 3.0  # scale of the logistic error of an estimated ready time
    horizon: float = 25.0  # orders that are ready later wait
    free_within: float = 35.0  # couriers that are free later are not planned
    target: float = 40.0  # from the placement to the door
    urgency: float = 1.0  # an order past its target weighs this much more for each `target` minutes
    unserved: float = 60.0  # what an order without a courier loses


FEW_OFFERS = 20  # a share of fewer offers says little


def share_of_declines(declined: int, offered: int) -> float:
    """The share of orders that couriers declined, cautious while few were offered."""
    return declined / (offered + FEW_OFFERS)
