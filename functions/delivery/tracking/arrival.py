"""When the courier arrives, with an honest error: minutes that are never negative."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.delivery.tracking.geometry import metres_between
from functions.delivery.tracking.stops import Place, Stop, way_to

# Streets are longer than the straight line.
DETOUR = 1.3
# Metres a minute by vehicle, in a city.
SPEEDS = {"foot": 80.0, "bicycle": 230.0, "scooter": 350.0, "car": 350.0}
# Geofence: `near` is told at 300 m, as Uber's `imminent` at 80 m; `at_door` at 60 m.
NEAR, AT_DOOR = 300.0, 60.0
# At a door on the way: the stairs, the bell, the proof.
STOP_MINUTES = 4.0
# An older place is told to be old.
STALE = timedelta(minutes=2)


@dataclass(frozen=True)
class Arrival:
    """Minutes until the door, and how far they may be wrong. `near` and `at_door` are by distance."""

    minutes: int
    error: int
    near: bool
    at_door: bool
    stale: bool


def arrival_of(
    place: Place, own: Stop, vehicle: str, fixed_at: datetime, now: datetime, other_doors: Sequence[Stop] = ()
) -> Arrival:
    """The arrival from the last place, over the doors that the courier visits before.

    The error grows with the way, with each stop before, and with the age of the place.
    """
    metres = metres_between(place, own.door)
    over, stops = way_to(place, own, other_doors)
    age = max((now - fixed_at).total_seconds() / 60, 0.0)
    way = over * DETOUR / SPEEDS.get(vehicle, SPEEDS["bicycle"])
    minutes = max(way + stops * STOP_MINUTES - age, 0.0)
    error = max(1.0, 0.3 * way) + stops * STOP_MINUTES / 2 + age / 2
    return Arrival(
        minutes=round(minutes),
        error=round(error),
        near=metres <= NEAR,
        at_door=metres <= AT_DOOR,
        stale=now - fixed_at > STALE,
    )
