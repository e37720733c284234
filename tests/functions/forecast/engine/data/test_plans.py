"""A plan is entered on its days, for its store or for all."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import covariates
from functions.forecast.engine.data.plans import PlannedDays, enter_plan

FIRST = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("store", "first", "last", "expected"),
    [
        ("b", 1, 2, [[0, 0, 0, 0], [0, 1, 1, 0]]),
        (None, 3, 3, [[0, 0, 0, 1], [0, 0, 0, 1]]),
        (None, -5, 0, [[1, 0, 0, 0], [1, 0, 0, 0]]),  # it began before the first day
        ("a", 2, 9, [[0, 0, 1, 1], [0, 0, 0, 0]]),  # it ends after the last day
        ("a", -5, -2, [[0] * 4] * 2),
        ("c", 0, 3, [[0] * 4] * 2),
    ],
)
def test_a_plan_has_its_days_and_stores(store: str | None, first: int, last: int, expected: list[list[int]]) -> None:
    values = np.zeros((2, 4), np.float32)
    days = covariates.build("US", ("a", "b"), FIRST, FIRST + timedelta(days=3))
    plan = PlannedDays("promotion", store, FIRST + timedelta(days=first), FIRST + timedelta(days=last))
    enter_plan(values, days, plan, 1.0)
    assert values.tolist() == expected
