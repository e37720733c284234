"""The variance of young stores; expected values are computed by hand."""

import numpy as np
import pytest

from functions.forecast.engine.models.young_stores import growth_share, growth_variance, own_and_level


def test_a_level_of_ten_days_adds_the_variance_of_a_day_over_ten() -> None:
    days, age = np.array([30, 30, 30]), np.array([10, 39, 365], np.float32)
    assert own_and_level(days, age) == pytest.approx([1 + 30 * (1 / 10 - 1 / 39), 1, 1])


def test_the_deviation_by_growth_halves_in_forty_five_days() -> None:
    assert np.sqrt(growth_share(np.array([0, 45, 90], np.float32))) == pytest.approx([1, 0.5, 0.25])


def growth_of(stores: int, excess: float, age: float = 45) -> float:
    """From two totals of each store, with this excess of the squared error."""
    store = np.repeat(np.arange(stores), 2)
    rows = len(store)
    return growth_variance(np.full(rows, excess), np.ones(rows), store, np.full(rows, age, np.float32))


def test_without_young_stores_the_usual_growth_is_expected() -> None:
    assert growth_of(50, 0.5, age=90) == pytest.approx(0.2**2)
    assert growth_of(0, 0.5) == pytest.approx(0.2**2)


def test_the_chain_s_own_growth_counts_by_its_young_stores() -> None:
    """An excess of 0.09 at the age of 45 is 0.36 at the opening; ten stores count as much as the usual growth."""
    assert growth_of(10, 0.09) == pytest.approx((0.04 + 0.36) / 2)
    assert growth_of(90, 0.09) == pytest.approx((10 * 0.04 + 90 * 0.36) / 100)


def test_stores_that_were_as_expected_narrow_the_growth_and_it_is_never_negative() -> None:
    assert growth_of(30, -0.2) == pytest.approx(0.04 / 4)
    assert growth_of(10_000, 5.0) == pytest.approx(1.0, rel=0.01), "the largest growth"
