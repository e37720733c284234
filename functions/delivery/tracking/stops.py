"""The doors that a courier visits before one of several."""

from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import NamedTuple

from functions.delivery.states import Carriage
from functions.delivery.tracking.geometry import metres_between

Place = tuple[float, float]
MOST_TRIED = 5  # doors; of more, the nearest comes next
# A courier stands at one door, is on the way to the next, and has the others with the goods.
RANKS = {Carriage.ARRIVED: 0, Carriage.ON_THE_WAY: 1, Carriage.PICKED_UP: 2}


class Stop(NamedTuple):
    """A door to which goods are underway, in degrees of WGS-84."""

    carriage: Carriage
    door: Place


def way_to(place: Place, own: Stop, other_doors: Sequence[Stop]) -> tuple[float, int]:
    """(metres as the crow flies, stops before) from `place` to the own door, over the doors that come first.

    Those that the courier said come first. The rest is the shortest way over all of them.
    """
    metres, stops, at = 0.0, 0, place
    for rank in sorted(set(RANKS.values())):
        doors = [stop for stop in (own, *other_doors) if RANKS.get(stop.carriage) == rank]
        for stop in _shortest(at, doors):
            metres += metres_between(at, stop.door)
            if stop is own:
                return metres, stops
            at, stops = stop.door, stops + 1
    return metres_between(place, own.door), 0


def _shortest(place: Place, stops: Sequence[Stop]) -> Sequence[Stop]:
    if len(stops) <= MOST_TRIED:
        return min(permutations(stops), key=lambda way: _length([place, *(stop.door for stop in way)]))
    unvisited, way = list(stops), list[Stop]()
    while unvisited:
        nearest = min(unvisited, key=lambda stop: metres_between(place, stop.door))
        unvisited.remove(nearest)
        way.append(nearest)
        place = nearest.door
    return way


def _length(places: Sequence[Place]) -> float:
    return sum(metres_between(first, second) for first, second in pairwise(places))
