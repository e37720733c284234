"""A fleet's own book of deliveries: what was ordered, and where its courier is."""

import itertools
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

METRES_A_DEGREE = 111_320.0
# A courier starts this far north of the store.
START_METRES = 2000.0


@dataclass(frozen=True)
class Spot:
    """A place in degrees, in the fleet's own coordinate system."""

    lat: float
    lon: float

    def metres_to(self, other: "Spot") -> float:
        east = (other.lon - self.lon) * math.cos(math.radians(self.lat))
        return math.hypot(east, other.lat - self.lat) * METRES_A_DEGREE

    def towards(self, other: "Spot", share: float) -> "Spot":
        return Spot(self.lat + (other.lat - self.lat) * share, self.lon + (other.lon - self.lon) * share)


@dataclass
class Trip:
    """One delivery of the fleet. `status` is the fleet's own word, `key` the caller's key against a second courier."""

    id: str
    key: str
    order: str
    store: Spot
    door: Spot
    fee: int
    created: float
    status: str
    updated: float
    fields: dict[str, Any] = field(default_factory=dict)
    courier: dict[str, str] = field(default_factory=dict)
    spot: Spot | None = None
    reason: str = ""
    quote: str = ""
    tries: int = 1

    def drive(self, share: float, *, picked_up: bool) -> None:
        """The courier has done this share of the way to the store, or from the store to the door."""
        start = Spot(self.store.lat + START_METRES / METRES_A_DEGREE, self.store.lon)
        self.spot = self.store.towards(self.door, share) if picked_up else start.towards(self.store, share)


class Trips:
    """All deliveries that were ever created; the book is whole even when an answer was lost."""

    def __init__(self) -> None:
        self._trips: dict[str, Trip] = {}
        self._numbers = itertools.count(1)
        self.lock = threading.RLock()

    def __iter__(self) -> Iterator[Trip]:
        with self.lock:
            return iter(list(self._trips.values()))

    def __len__(self) -> int:
        return len(self._trips)

    def number(self) -> int:
        return next(self._numbers)

    def add(self, trip: Trip) -> Trip:
        with self.lock:
            self._trips[trip.id] = trip
        return trip

    def get(self, trip_id: str) -> Trip | None:
        return self._trips.get(trip_id)

    def of_order(self, order: str) -> list[Trip]:
        """All couriers that were ever asked for this order of the caller."""
        return [trip for trip in self if trip.order == order]
