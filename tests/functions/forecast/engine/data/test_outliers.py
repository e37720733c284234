"""Days that were not a day's trade become unknown by a stated rule, and what only looks odd is let be."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.outliers import mended

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
        ({100: 19.0}, {100: "part_day"}),  # a Wednesday, of 120 as a rule
        ({100: 25.0}, {}),  # a fifth is 24
        ({100: 601.0}, {100: "outlier"}),
        ({100: 0.0}, {}),  # closed is no part day
        ({99: 10.0, 100: 10.0, 101: 10.0, 102: 10.0}, {99: "part_day", 100: "part_day"}),  # then it is the new way
        ({20: 1.0}, {}),  # three weeks do not tell what is usual
        ({140: 5.0, 141: 5.0}, {}),  # Memorial Day and the day after it
        ({139: 5.0}, {}),
    ],
)
def test_far_from_the_same_weekdays_is_unknown(changes: dict[int, float], reasons: dict[int, str]) -> None:
    found = mended(history(changes), "US")
    assert {(each.day, each.reason) for each in found.corrections} == {
        (FIRST + timedelta(days=day), reason) for day, reason in reasons.items()
    }
    assert all(each.store == "a" and each.became == "unknown" for each in found.corrections)
    assert set(map(tuple, np.argwhere(np.isnan(found.revenue)))) == {(0, day) for day in reasons}


def test_a_store_whose_days_jump_about_is_let_be() -> None:
    rng = np.random.default_rng(1)
    revenue = np.exp(rng.normal(3, 0.9, (1, 300)))
    assert mended(History(("a",), FIRST, revenue), "US").corrections == ()


def test_later_days_decide_nothing() -> None:
    whole = mended(history({100: 10.0, 130: 900.0}), "US")
    cut = mended(history({100: 10.0, 130: 900.0}).until(FIRST + timedelta(days=110)), "US")
    np.testing.assert_array_equal(whole.revenue[:, :111], cut.revenue)
