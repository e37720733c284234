"""Means and logarithms that leave out missing values."""

import numpy as np

from functions.forecast.engine.arrays import finite_mean, log_of, ratio


def test_a_ratio_without_a_count_is_missing() -> None:
    np.testing.assert_array_equal(ratio(np.array([6.0, 0.0]), np.array([4, 0])), [1.5, np.nan])


def test_a_mean_leaves_out_missing_values() -> None:
    stacked = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])
    np.testing.assert_array_equal(finite_mean(stacked), [2, 5, np.nan])


def test_revenue_of_zero_has_no_logarithm() -> None:
    np.testing.assert_allclose(log_of(np.array([np.e, 0.0, -2.0, np.nan])), [1, np.nan, np.nan, np.nan])
