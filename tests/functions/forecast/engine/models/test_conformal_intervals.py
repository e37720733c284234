"""The width of the interval from errors of a known spread, by calibration window, with and without regimes."""

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from functions.forecast.engine.models.calibration import BASE_MODELS, Calibration
from functions.forecast.engine.models.conformal_intervals import Intervals
from functions.forecast.engine.models.error_scale import ErrorScale
from functions.forecast.engine.signals.week_regimes import Regime

Floats = NDArray[np.float64]
EXPECTED_ERROR = 0.25  # its root is the unit of errors
TO_P90 = float(norm.ppf(0.9))  # deviations from the middle to P90


def deviates(rows: int) -> Floats:
    """Quantiles of the normal distribution."""
    quantiles: Floats = norm.ppf((np.arange(rows) + 0.5) / rows)
    return quantiles


def regime(probability: float, lift: float, drop: float, rows: int = 1) -> Regime:
    return Regime(*(np.full(rows, value, np.float32) for value in (probability, lift, drop)))


def calibrated(errors: Floats, window: NDArray[np.int64], kind: Regime, horizons: int = 1) -> Intervals:
    """From errors of the days after each window's origin, which is a Sunday; windows are weeks apart."""
    scale = np.full(len(errors), np.sqrt(EXPECTED_ERROR), np.float32)
    logs = np.zeros((len(errors), len(BASE_MODELS)), np.float32)
    calibration = Calibration(
        predictions=logs,
        log_revenue=logs[:, 0],
        error_scale=scale,
        horizon=np.resize(np.arange(horizons) + 1, len(errors)),
        store=np.ones(len(errors), int),
        origin=7 * window,
        open_probability=np.ones(len(errors), np.float32),
        probability=kind.probability,
        lift=kind.lift,
        drop=kind.drop,
        age=np.full(len(errors), 365, np.float32),
    )
    constant = lightgbm.Dataset(np.zeros((50, 1)), np.full(50, EXPECTED_ERROR))
    error_scale = ErrorScale(lightgbm.train({"verbose": -1}, constant, 1))
    return Intervals(error_scale).calibrated(errors.astype(np.float32), calibration, 0.8)


def around(intervals: Intervals, kind: Regime, horizon: int = 1) -> Floats:
    """P10, P50, P90 of a day's logarithm around a forecast of 0."""
    zero = np.zeros(1, np.float32)
    return np.log(np.concatenate(intervals.around(zero, zero[:, None], np.array([horizon]), kind, zero + 1)))


def without_regimes(*spreads: float, rows: int = 1000) -> Floats:
    """P10, P50, P90 after windows with normal errors of these spreads."""
    errors = np.concatenate([spread * deviates(rows) for spread in spreads])
    window = np.repeat(np.arange(len(spreads)), rows)
    return around(calibrated(errors, window, Regime.none(len(errors))), Regime.none(1))


def test_equal_windows_give_the_quantiles_of_their_errors() -> None:
    assert without_regimes(0.1, 0.1, 0.1) == pytest.approx([-0.1 * TO_P90, 0, 0.1 * TO_P90], abs=0.002)


@pytest.mark.parametrize("exception", [0.01, 0.8])
def test_one_exceptional_window_does_not_decide_the_width(exception: float) -> None:
    low, _, high = without_regimes(0.1, 0.1, exception, 0.1, 0.1)
    assert (low, high) == pytest.approx((-0.1 * TO_P90, 0.1 * TO_P90), rel=0.05)


@pytest.mark.parametrize(("weeks_apart", "low", "high"), [(1, -0.2, 0.2), (5, 0.2, 0.2)])
def test_errors_of_fewer_than_three_months_count_with_either_sign(weeks_apart: int, low: float, high: float) -> None:
    # A young chain grows: all of its errors are 20 % above the forecast, with a noise of 1 %.
    errors = np.tile(0.2 + 0.01 * deviates(1000), 3)
    intervals = calibrated(errors, weeks_apart * np.repeat(np.arange(3), 1000), Regime.none(3000))
    quantiles = around(intervals, Regime.none(1))
    assert quantiles[0] == pytest.approx(low, abs=0.02)
    assert quantiles[2] == pytest.approx(high, abs=0.02)


def test_two_windows_have_none_in_the_middle_and_both_count() -> None:
    assert 0.15 * TO_P90 < without_regimes(0.1, 0.4)[2] < 0.4 * TO_P90


def test_eight_of_nine_errors_are_covered_as_split_conformal_prediction_demands() -> None:
    low, _, high = without_regimes(0.1, 0.1, 0.1, rows=9)  # (9 + 1) * 0.8
    errors = 0.1 * deviates(9)
    assert ((errors >= low - 1e-6) & (errors <= high + 1e-6)).sum() >= 8


def mixture(probability: float, lift: float, drop: float, spread: float) -> list[float]:
    """P10, P50, P90 of a mixture of two normal distributions, about `lift` and about `drop`."""

    def below(value: float) -> float:
        high, low = norm.cdf((value - lift) / spread), norm.cdf((value - drop) / spread)
        return float(probability * high + (1 - probability) * low)

    return [brentq(lambda value, level=level: below(value) - level, -3, 3) for level in (0.1, 0.5, 0.9)]


def widened(probability: float, lift: float, drop: float) -> float:
    """The factor by which an uncertain regime widens the error scale."""
    uncertain = 2 * probability * (1 - probability) * abs(lift - drop)
    return float(np.sqrt((EXPECTED_ERROR + uncertain) / EXPECTED_ERROR))


@pytest.mark.parametrize(
    ("probability", "lift", "drop"), [(0.97, 0.0, -0.4), (0.7, 0.03, -0.37), (0.5, 0.2, -0.2), (0.04, 0.4, 0.0)]
)
def test_if_either_regime_may_come_the_quantiles_are_those_of_the_mixture(
    probability: float, lift: float, drop: float
) -> None:
    # The week of the first window was as expected, that of the second was not.
    errors = np.concatenate([0.1 * deviates(4000) + centre for centre in (lift, drop, lift)])
    intervals = calibrated(errors, np.repeat(np.arange(3), 4000), regime(probability, lift, drop, 12_000))
    spread = 0.1 * widened(probability, lift, drop)
    quantiles = around(intervals, regime(probability, lift, drop))
    assert quantiles == pytest.approx(mixture(probability, lift, drop, spread), abs=0.005)


@pytest.mark.parametrize("open_probability", [1.0, 0.95, 0.8, 0.6, 0.4, 0.2, 0.05, 0.0])
def test_with_a_chance_of_closing_the_quantiles_are_those_of_open_and_closed_days_together(
    open_probability: float,
) -> None:
    errors = np.tile(0.1 * deviates(4000), 3)
    intervals = calibrated(errors, np.repeat(np.arange(3), 4000), Regime.none(12_000))
    zero = np.zeros(1, np.float32)
    share = np.full(1, open_probability, np.float32)
    quantiles = np.concatenate(intervals.around(zero, zero[:, None], np.array([1]), Regime.none(1), share))
    # P(revenue <= x) is 1 - chance + chance · Φ(log x / 0.1)
    levels = [(level - 1 + open_probability) / open_probability if open_probability else 0 for level in (0.1, 0.5, 0.9)]
    expected = [np.exp(0.1 * norm.ppf(level)) if level > 0.001 else 0 for level in levels]
    assert quantiles == pytest.approx(expected, abs=0.004)


def test_the_moments_of_normal_errors_are_those_of_a_log_normal_distribution() -> None:
    errors = np.tile(0.6 * deviates(4000), 3)
    intervals = calibrated(errors, np.repeat(np.arange(3), 4000), Regime.none(12_000))
    scale = np.full(1, np.sqrt(EXPECTED_ERROR), np.float32)
    first, second = intervals.moments(scale, np.array([1]), Regime.none(1))
    assert first[0] == pytest.approx(np.exp(0.6**2 / 2), rel=0.01)
    assert second[0] == pytest.approx(np.exp(2 * 0.6**2), rel=0.04)  # eighty quantiles lack the end of the tail
    of_both, _ = intervals.moments(scale, np.array([1]), regime(0.25, 0.2, -0.1))
    assert of_both[0] / first[0] == pytest.approx(0.25 * np.exp(0.2) + 0.75 * np.exp(-0.1), rel=1e-5)


def test_unexpected_weeks_do_not_widen_a_certain_week() -> None:
    errors = np.concatenate([0.1 * deviates(1000) + centre for centre in (0.0, -0.5, 0.0, -0.5)])
    intervals = calibrated(errors, np.repeat(np.arange(4), 1000), regime(0.9, 0, -0.5, 4000))
    assert around(intervals, regime(1, 0, -0.5)) == pytest.approx(np.array([-0.1, 0, 0.1]) * TO_P90, abs=0.002)


def test_a_row_has_the_same_interval_alone_and_beside_rows_of_all_horizons_and_regimes() -> None:
    spread = np.repeat([0.1, 0.2, 0.3], [7, 7, 16])  # by block of horizons
    noise = np.tile(np.repeat(deviates(200), 30), 3) * np.tile(spread, 600)
    horizon = np.array([1, 1, 1, 9, 9, 20, 20, 20])
    intervals = calibrated(noise, np.repeat(np.arange(3), 6000), Regime.none(len(noise)), horizons=30)
    kinds = np.array([  # probability, lift, drop
        [0.95, 0, 0.2, 0.7, 0, 0.95, 0.5, 0.3],
        [0, 0, 0.5, -0.1, 0, 0, 0.2, 0.4],
        [-0.5, 0, -0.1, 0.4, 0, -0.3, -0.2, 0.1],
    ], np.float32)  # fmt: skip
    zero = np.zeros(8, np.float32)
    together = np.log(intervals.around(zero, zero[:, None], horizon, Regime(*kinds), zero + 1))
    for row, day in enumerate(horizon):
        probability, lift, drop = kinds[:, row].tolist()
        alone = around(intervals, regime(probability, lift, drop), day)
        assert together[:, row] == pytest.approx(alone, abs=1e-6)
        wide = spread[day - 1] * widened(probability, lift, drop)
        assert together[:, row] == pytest.approx(mixture(probability, lift, drop, wide), abs=0.02)


def test_every_week_of_a_window_has_a_regime_of_its_own() -> None:
    horizon = np.resize(np.arange(14) + 1, 2800 * 3)
    noise = np.tile(np.repeat(0.1 * deviates(200), 14), 3)
    errors = noise + np.where(horizon > 7, -0.5, 0.0)
    kind = regime(0.9, 0, -0.5, len(errors))
    intervals = calibrated(errors, np.repeat(np.arange(3), 2800), kind, horizons=14)
    for day in (1, 8):
        quantiles = around(intervals, regime(1, 0, -0.5), day)
        assert quantiles == pytest.approx(np.array([-0.1, 0, 0.1]) * TO_P90, abs=0.005)
