"""Minutes until the door are never negative, and say how far they may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.delivery.tracking.arrival import arrival_of

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DOOR = (52.0, 13.0)


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
