"""How wide the interval gets from errors of a known spread, window by window."""

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from functions.forecast.gradient import Sample
from functions.forecast.intervals import Intervals, Misses
from functions.forecast.panel import Rows
from functions.forecast.settings import Settings

Floats = NDArray[np.float64]
TENTH = float(norm.ppf(0.9))  # so many deviations lie between the middle and P90


def deviates(rows: int) -> Floats:
    found: Floats = norm.ppf((np.arange(rows) + 0.5) / rows)
    return found


def shares(*spreads: float, rows: int = 1000) -> Floats:
    """P10, P50, P90 over the horizons where each window's errors were normal with so much spread."""
    errors = np.concatenate([spread * deviates(rows) for spread in spreads]).astype(np.float32)
    window = np.repeat(np.arange(len(spreads)), rows)
    nothing = lightgbm.train({"verbose": -1}, lightgbm.Dataset(np.zeros((50, 1)), np.zeros(50)), 1)
    made = Intervals(nothing).calibrated(errors, np.ones_like(errors), np.ones(len(errors), int), window, 0.8)
    found: Floats = np.mean(made.shares, axis=0)
    return found


def test_windows_alike_give_the_quantiles_of_their_errors() -> None:
    assert shares(0.1, 0.1, 0.1) == pytest.approx([-0.1 * TENTH, 0, 0.1 * TENTH], abs=0.002)


@pytest.mark.parametrize("odd", [0.01, 0.8])
def test_one_window_that_was_unlike_the_others_does_not_decide_the_width(odd: float) -> None:
    low, _, high = shares(0.1, 0.1, odd, 0.1, 0.1)
    assert (low, high) == pytest.approx((-0.1 * TENTH, 0.1 * TENTH), rel=0.05)


def test_of_two_windows_none_is_in_the_middle_and_both_count() -> None:
    assert 0.15 * TENTH < shares(0.1, 0.4)[2] < 0.4 * TENTH


def test_of_nine_errors_eight_are_held_as_a_tenth_would_be_one_of_two_more() -> None:
    low, _, high = shares(0.1, 0.1, 0.1, rows=9)  # (9 + 1) * 0.8
    errors = 0.1 * deviates(9)
    assert ((errors >= low - 1e-6) & (errors <= high + 1e-6)).sum() >= 8


def test_the_unit_of_a_trials_errors_has_not_seen_them() -> None:
    rng = np.random.default_rng(5)
    day, restless = rng.integers(0, 300, 4000), rng.integers(0, 2, 4000)
    features = np.stack([day, restless], axis=1).astype(np.float32)
    far = np.where(restless, 0.4, 0.1).astype(np.float32)
    rows = Rows(np.zeros_like(day), day - 1, day)
    sample = Sample(rows, features, far, far, np.ones_like(far), ("day", "restless"))
    ahead = np.array([[290, 0], [290, 1]], np.float32)

    calm = Misses(sample, far, Settings(rounds=60, threads=1), 1).usual(200).scale(ahead)
    wild = Misses(sample, np.where(day > 200, 1, far), Settings(rounds=60, threads=1), 1).usual(200).scale(ahead)

    assert calm == pytest.approx(np.sqrt([0.1, 0.4]), rel=0.1)
    assert wild == pytest.approx(calm)
