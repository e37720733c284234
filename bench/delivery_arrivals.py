"""How wrong the minutes until the door are at pickup, by simulated couriers in a made-up city."""

import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, permutations

from bench.figures import Figure, limited, percentile, told
from functions.delivery.states import Carriage
from functions.delivery.tracking.arrival import arrival_of
from functions.delivery.tracking.stops import Stop

STORE_PLACE = (52.0, 13.0)
MOST_ERROR = 2
# A made-up city of straight streets: the way is along two of them, with lights, and each courier has a pace of its own.
TRIPS, LIGHT_METRES, LIGHT_SECONDS, PACE_SPREAD = 4_000, 400.0, 15.0, 0.15
VEHICLES = {"bicycle": 260.0, "scooter": 400.0}
METRES_OF_DEGREE = 111_195.0


def arrivals() -> Iterator[Figure]:
    """How wrong the minutes at pickup are in a made-up city, beside one who knows every street and no light."""
    random_source = random.Random(8)  # noqa: S311 - the same city each time
    wrong, floors, negative = [], [], 0
    for _ in range(TRIPS):
        vehicle = random_source.choice(sorted(VEHICLES))
        north, east = (random_source.uniform(-2_500, 2_500) for _ in range(2))
        streets, pace = abs(north) + abs(east), random_source.lognormvariate(0, PACE_SPREAD)
        lights = sum(random_source.expovariate(1 / LIGHT_SECONDS) for _ in range(int(streets / LIGHT_METRES)))
        true = streets / VEHICLES[vehicle] * pace + lights / 60
        door = _moved(north, east)
        now = datetime.now(UTC)
        told_minutes = arrival_of(STORE_PLACE, Stop(Carriage.PICKED_UP, door), vehicle, now, now).minutes
        negative += told_minutes < 0
        wrong.append(abs(told_minutes - true))
        mean_lights = streets / LIGHT_METRES * LIGHT_SECONDS / 60
        floors.append(abs(streets / VEHICLES[vehicle] + mean_lights - true))
    unit = "minutes, the median error at pickup; simulated couriers"
    figure = limited("delivery.eta_error", statistics.median(wrong), unit, MOST_ERROR)
    floor = round(statistics.median(floors), 3)
    yield replace(figure, floor=floor, ratio=round(figure.value / floor, 3))
    yield told("delivery.eta_error_p90", percentile(wrong, 90), "minutes")
    yield limited("delivery.eta_negative", negative, "negative arrivals", 0)
    yield _bundles()


def _bundles() -> Figure:
    """The same for two or three doors of one run, each told at the pickup. A stop takes 2 to 6 minutes."""
    chance, wrong = random.Random(9), list[float]()  # noqa: S311 - the same city each time
    now = datetime.now(UTC)
    for _ in range(TRIPS // 4):
        doors = [(chance.uniform(-2_500, 2_500), chance.uniform(-2_500, 2_500)) for _ in range(chance.choice((2, 3)))]
        stops = [Stop(Carriage.PICKED_UP, _moved(*door)) for door in doors]
        true, place = 0.0, (0.0, 0.0)
        pace = chance.lognormvariate(0, PACE_SPREAD)
        for door in min(permutations(doors), key=lambda way: _streets([(0.0, 0.0), *way])):
            metres = _streets([place, door])
            lights = sum(chance.expovariate(1 / LIGHT_SECONDS) for _ in range(int(metres / LIGHT_METRES)))
            true += metres / VEHICLES["scooter"] * pace + lights / 60
            own = stops[doors.index(door)]
            others = [stop for stop in stops if stop is not own]
            wrong.append(abs(arrival_of(STORE_PLACE, own, "scooter", now, now, others).minutes - true))
            place, true = door, true + chance.uniform(2, 6)
    unit = "minutes, the median error at the pickup of two or three orders; simulated couriers"
    return limited("delivery.eta_error_bundles", statistics.median(wrong), unit, MOST_ERROR)


def _streets(places: Sequence[tuple[float, float]]) -> float:
    """Metres along two straight streets from each place to the next."""
    return sum(abs(one[0] - other[0]) + abs(one[1] - other[1]) for one, other in pairwise(places))


def _moved(north: float, east: float) -> tuple[float, float]:
    """The place so many metres from the store."""
    degree_east = METRES_OF_DEGREE * 0.61566  # the cosine of 52 degrees
    return STORE_PLACE[0] + north / METRES_OF_DEGREE, STORE_PLACE[1] + east / degree_east
