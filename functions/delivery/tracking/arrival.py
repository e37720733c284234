"""When the courier arrives, with an honest error: minutes that are never negative."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.delivery.tracking.geometry import metres_between

# Streets are longer than the straight line.
DETOUR = 1.3
# Metres a minute by vehicle, in a city.
SPEEDS = {"foot": 80.0, "bicycle": 230.0, "scooter": 350.0, "car": 350.0}
# Geofence: `near` is told at 300 m, as Uber's `imminent` at 80 m; `at_door` at 60 m.
NEAR, AT_DOOR = 300.0, 60.0
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
    place: tuple[float, float], door: tuple[float, float], vehicle: str, fixed_at: datetime, now: datetime
) -> Arrival:
    """The arrival from the last place. The error grows with the way and with the age of the place."""
    metres = metres_between(place, door)
    age = max((now - fixed_at).total_seconds() / 60, 0.0)
    way = metres * DETOUR / SPEEDS.get(vehicle, SPEEDS["bicycle"])
    minutes = max(way - age, 0.0)
    error = max(1.0, 0.3 * way) + age / 2
    return Arrival(
        minutes=round(minutes),
        error=round(error),
        near=metres <= NEAR,
        at_door=metres <= AT_DOOR,
        stale=now - fixed_at > STALE,
    )
