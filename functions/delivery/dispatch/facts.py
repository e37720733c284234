"""The input of a round: places, open orders, couriers, and the bundle that each courier is about to pick up.

Times are minutes on one clock that the caller chooses, such as minutes since the epoch. Places are metres on a plane.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

EARTH_RADIUS = 6_371_000.0  # metres, mean (IUGG)


class Place(NamedTuple):
    """Metres east and north of an origin that all places of a round share."""

    x: float
    y: float


def on_plane(latitude: float, longitude: float, origin: tuple[float, float]) -> Place:
    """WGS-84 degrees as metres from `origin` (latitude, longitude). Within a city the error is below 1 in 1,000."""
    east = math.radians((longitude - origin[1] + 180.0) % 360.0 - 180.0)
    north = math.radians(latitude - origin[0])
    return Place(EARTH_RADIUS * east * math.cos(math.radians(origin[0])), EARTH_RADIUS * north)


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that no courier has accepted, or one of a bundle before its pickup.

    `ready_at` is the time of packing, or the best estimate if `is_ready_estimated`. `deliver_from` and `deliver_by`
    bound the drop-off of a scheduled order. `vehicles` are the kinds that can carry it; empty means any. `size` counts
    against the courier's capacity. With `fixed_courier` it has one candidate. Each courier in `refused_by` has declined
    it, or let its offer time out.
    """

    order: str
    store: str
    store_place: Place
    door: Place
    placed_at: float
    ready_at: float
    size: float = 1.0
    vehicles: frozenset[str] = frozenset()
    fixed_courier: str | None = None
    refused_by: frozenset[str] = frozenset()
    deliver_from: float | None = None
    deliver_by: float | None = None
    is_ready_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A bundle of one store that a courier has before its pickup, in the order of its drop-offs.

    `arrives_at` is the arrival at the store. `can_grow` is false while the courier has not answered the offer.
    """

    orders: tuple[OpenOrder, ...]
    arrives_at: float
    can_grow: bool = True


@dataclass(frozen=True, slots=True)
class Courier:
    """A courier on duty, or one whose shift starts soon.

    Without a run, the courier is free at `free_at` in `place`. With a run, the end of the run counts instead.
    `off_at` is the last minute of a pickup. `breaks` are (start, end). `stores` are those served; empty means all.
    """

    courier: str
    place: Place
    free_at: float
    off_at: float
    vehicle: str = ""
    capacity: float = 3.0
    stores: frozenset[str] = frozenset()
    breaks: tuple[tuple[float, float], ...] = ()
    run: Run | None = None
