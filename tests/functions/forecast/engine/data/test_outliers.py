"""Outliers become missing by a stated rule; other unusual days stay."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.outliers import without_outliers

FIRST = date(2025, 1, 6)  # a Monday; Memorial Day is 26 May
DAYS = 170
USUAL = np.tile([100.0, 110, 120, 130, 200, 220, 90], 25)[:DAYS]


def history(changes: dict[int, float]) -> History:
    revenue = np.stack([USUAL, USUAL])
    for day, amount in changes.items():
        revenue[0, day] = amount
    return History(("a", "b"), FIRST, revenue)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({100: 19.0}, {100: "part_day"}),  # a Wednesday, with 120 on other Wednesdays
        ({100: 25.0}, {}),  # a fifth is 24
        ({100: 601.0}, {100: "outlier"}),
        ({100: 0.0}, {}),  # a closed day is no part day
        ({99: 10.0, 100: 10.0, 101: 10.0, 102: 10.0}, {99: "part_day", 100: "part_day"}),  # then it is the new level
        ({20: 1.0}, {}),  # three weeks are too few for a median
        ({140: 5.0, 141: 5.0}, {}),  # Memorial Day and the day after it
        ({139: 5.0}, {}),
    ],
)
def test_a_day_far_from_the_same_weekdays_becomes_unknown(changes: dict[int, float], reasons: dict[int, str]) -> None:
    corrected = without_outliers(history(changes), "US")
    assert {(correction.day, correction.reason) for correction in corrected.corrections} == {
        (FIRST + timedelta(days=day), reason) for day, reason in reasons.items()
    }
    assert all(correction.store == "a" and correction.became == "unknown" for correction in corrected.corrections)
    assert set(map(tuple, np.argwhere(np.isnan(corrected.revenue)))) == {(0, day) for day in reasons}


def test_a_store_with_large_noise_has_no_outliers() -> None:
    rng = np.random.default_rng(1)
    revenue = np.exp(rng.normal(3, 0.9, (1, 300)))
    assert without_outliers(History(("a",), FIRST, revenue), "US").corrections == ()


def test_later_days_do_not_decide() -> None:
    changes = {100: 10.0, 130: 900.0}
    complete = without_outliers(history(changes), "US")
    cut = without_outliers(history(changes).until(FIRST + timedelta(days=110)), "US")
    np.testing.assert_array_equal(complete.revenue[:, :111], cut.revenue)
