"""Minutes until the door are never negative, and say how far they may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.delivery.states import Carriage
from functions.delivery.tracking.arrival import arrival_of
from functions.delivery.tracking.stops import Stop, way_to

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DOOR = Stop(Carriage.PICKED_UP, (52.0, 13.0))


def test_minutes_are_the_way_by_the_vehicle() -> None:
    # 0.0315° of latitude are 3,502.6 m; × 1.3 ÷ 350 m a minute = 13.0 minutes, ± 30 %.
    arrival = arrival_of((52.0315, 13.0), DOOR, "scooter", NOW, NOW)
    assert (arrival.minutes, arrival.error, arrival.near, arrival.stale) == (13, 4, False, False)


@pytest.mark.parametrize("age", [0, 1, 5, 60, 600])
def test_minutes_are_never_negative_and_an_old_place_is_told(age: int) -> None:
    arrival = arrival_of((52.001, 13.0), DOOR, "scooter", NOW - timedelta(minutes=age), NOW)
    assert arrival.minutes >= 0
    assert arrival.stale is (age > 2)
    assert arrival.error >= 1


def test_near_and_at_the_door_are_by_distance() -> None:
    # 0.0025° are 278 m, 0.0004° are 44 m.
    assert [arrival_of((52.0 + way, 13.0), DOOR, "car", NOW, NOW).near for way in (0.003, 0.0025)] == [False, True]
    assert [arrival_of((52.0 + way, 13.0), DOOR, "car", NOW, NOW).at_door for way in (0.001, 0.0004)] == [False, True]


def north(way: float, carriage: Carriage = Carriage.PICKED_UP) -> Stop:
    return Stop(carriage, (52.0 + way, 13.0))


def test_the_doors_on_the_way_come_first_and_those_behind_do_not_count() -> None:
    # From 0.0315° south: the own door is 7,005.2 m away, one lies half-way, one behind. 26.0 + 4 minutes.
    own, place = north(0.0315), (51.9685, 13.0)
    others = [north(0.0), north(0.05)]
    arrival = arrival_of(place, own, "scooter", NOW, NOW, others)
    assert (arrival.minutes, arrival.error) == (30, 10)
    assert arrival_of(place, own, "scooter", NOW, NOW).minutes == 26
    assert arrival_of(place, north(0.0), "scooter", NOW, NOW, [own, north(0.05)]).minutes == 13


def test_the_door_at_which_the_courier_stands_or_that_was_named_comes_first() -> None:
    place = (52.0, 13.0)
    for carriage in (Carriage.ARRIVED, Carriage.ON_THE_WAY):
        metres, stops = way_to(place, north(0.01), [north(-0.01, carriage)])
        # 0.01° to the other door, and 0.02° back.
        assert (round(metres), stops) == (round(0.03 * 111_194.93), 1)
    metres, stops = way_to(place, north(0.01, Carriage.ON_THE_WAY), [north(-0.001)])
    assert (round(metres), stops) == (round(0.01 * 111_194.93), 0)


def test_of_many_doors_the_nearest_is_next() -> None:
    others = [north(0.001 * number) for number in range(1, 10)]
    assert way_to((52.0, 13.0), north(0.0095), others)[1] == 9
