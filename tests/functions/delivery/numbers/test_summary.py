"""Percentiles by nearest rank, stages, and delays in steps: expected values are by hand."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.delivery.numbers.summary import (
    Delays,
    Outcome,
    Percentiles,
    count_outcomes,
    mean_stars,
    percentile,
    stage_minutes,
)
from functions.delivery.states import Carriage

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def outcome(minutes: dict[str, int], carriage: str = "delivered", **different: Any) -> Outcome:
    """A delivery that was promised for 12:45; its states began so many minutes after noon."""
    values: dict[str, Any] = {
        "wanted_until": NOON + timedelta(minutes=45), "scheduled": False, "declines": 0, "stars": None,
        "complained": False,
    }  # fmt: skip
    times = {state: NOON + timedelta(minutes=minute) for state, minute in minutes.items()}
    return Outcome(carriage=Carriage(carriage), times=times, **values | different)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.9, 9), (0.91, 10), (1.0, 10), (0.01, 1)])
def test_nearest_rank(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(1, 11)], share) == expected


def test_stages_of_deliveries() -> None:
    stages = stage_minutes(
        [
            outcome({"to_pick": 0, "packed": 10, "accepted": 5, "at_store": 9, "picked_up": 12, "delivered": 30}),
            outcome({"to_pick": 0, "packed": 20, "accepted": 7, "picked_up": 21, "delivered": 50}),
            outcome({"to_pick": 0, "packed": 600, "accepted": 590, "picked_up": 599, "delivered": 620}, scheduled=True),
            outcome({"to_pick": 0}, "unassigned"),
        ]
    )
    assert stages == {
        "pack": Percentiles(10, 20), "assign": Percentiles(5, 7), "to_store": Percentiles(4, 4),
        "wait": Percentiles(1, 2), "ride": Percentiles(21, 29), "total": Percentiles(30, 50),
    }  # fmt: skip


def test_counts() -> None:
    outcomes = [
        outcome({"delivered": 45}, stars=4),
        outcome({"delivered": 46}, declines=2, stars=5, complained=True),
        outcome({}, "returning", complained=True),
        outcome({}, "cancelled", declines=1),
        outcome({}, "picked_up"),
    ]
    assert count_outcomes(outcomes) == {
        "deliveries": 5, "delivered": 2, "on_time": 1, "failed": 1, "cancelled": 1, "declines": 3, "complaints": 2,
    }  # fmt: skip
    assert mean_stars(outcomes) == 4.5
    assert mean_stars([]) is None


def test_delays_are_told_by_the_upper_end_of_their_step() -> None:
    delays = Delays(Counter({20: 5}), unfetched=3) + Delays(Counter({20: 4, 30: 1}))
    assert delays.unfetched == 3
    assert delays.seconds(0.5) == pytest.approx(0.126, abs=0.001)  # step 20 ends at 10^2.1 ms
    assert delays.seconds(0.9) == pytest.approx(0.126, abs=0.001)
    assert delays.seconds(0.95) == pytest.approx(1.259, abs=0.001)
    assert Delays().seconds(0.5) is None
