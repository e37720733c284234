"""Missing future inputs are imputed by a stated rule; past and entered values stay."""

import numpy as np
import pytest

from functions.forecast.engine.arrays import Values
from functions.forecast.engine.data.imputation import impute

NAN = np.nan
PAST = 14


def with_future(past: list[float], future: list[float]) -> Values:
    return np.array([past + future], np.float32)


def test_a_store_is_open_as_on_most_of_the_same_weekdays() -> None:
    traded = np.array([[True] * 6 + [False] + [True] * 6 + [False]])  # closed on the seventh day of each week
    values, rule = impute("open", with_future([NAN] * PAST, [NAN] * 7), traded)
    np.testing.assert_array_equal(values[0, PAST:], [1, 1, 1, 1, 1, 1, 0])
    assert "same weekdays" in rule


def test_an_entered_opening_wins_over_the_habit() -> None:
    traded = np.ones((1, PAST), bool)
    values, _ = impute("open", with_future([1] * PAST, [0, NAN]), traded)
    np.testing.assert_array_equal(values[0, PAST:], [0, 1])


@pytest.mark.parametrize("name", ["promo", "school_holiday", "state_holiday"])
def test_a_plan_that_was_not_entered_is_none(name: str) -> None:
    values, rule = impute(name, with_future([NAN] * PAST, [1, NAN]), np.ones((1, PAST), bool))
    np.testing.assert_array_equal(values[0, PAST:], [1, 0])
    assert rule == "none if not entered"


def test_weather_is_the_mean_of_28_days_and_missing_without_one() -> None:
    past = np.array([[100.0] * 10 + [2.0, NAN] * 14, [NAN] * 38], np.float32)
    values, _ = impute("weather_rain", np.hstack([past, [[NAN, 9], [NAN, 4]]]), np.ones((2, 38), bool))
    np.testing.assert_array_equal(values[:, 38:], [[2, 9], [NAN, 4]])
    np.testing.assert_array_equal(values[:, :38], past)
