"""Conformal intervals: P10, P50 and P90 around a forecast, from the errors of past forecasts.

Method: quantiles of scaled calibration errors by horizon, widened as in split conformal prediction (Lei et al. 2018)
by the median of the factors that the calibration windows needed. With regimes they are quantiles of a mixture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm
import numpy as np

from functions.forecast.engine.arrays import Array, Floats, Indices, Values
from functions.forecast.engine.models.calibration import Calibration
from functions.forecast.engine.models.error_scale import ErrorScale
from functions.forecast.engine.signals.week_regimes import Regime

BLOCKS = (0, 7, 14, 1000)  # last horizons of the blocks
P10_P50_P90 = (0.1, 0.5, 0.9)
LEVELS = (np.arange(80) + 0.5) / 80
BISECTIONS = 30  # of a difference of logarithms; the remaining error is negligible
SMALLEST_SIDE, SMALLEST_CHANCE = 0.01, 1e-6
HALF_LIFE = 90.0  # days after which an error has half of its weight
LEAST_MONTHS, MONTH_DAYS = 3, 31  # of fewer months the errors do not tell a bias from chance
LEAST_WINDOWS = 3  # of fewer windows none is in the middle
DAYS_A_ORIGIN = 1_000_000


@dataclass(frozen=True)
class Intervals:
    """`quantiles[block]` are quantiles of scaled errors at `LEVELS`, for each block of horizons.

    The errors are those beside the regime's lift or drop, because the regime of a future week is uncertain by itself.
    """

    error_scale: ErrorScale
    quantiles: tuple[tuple[float, ...], ...] = ()

    def calibrated(self, errors: Values, calibration: Calibration, coverage: float) -> "Intervals":
        """The intervals with quantiles of all past `errors`, scaled to the width that the median window needed.

        Newer errors weigh more. One window is one draw of the calendar, so a window with a holiday must not widen all.
        """
        scaled = (errors - _nearest_regime(errors, calibration)) / calibration.error_scale
        rows = np.arange(len(scaled))
        if len(np.unique(calibration.origin // MONTH_DAYS)) < LEAST_MONTHS:
            # The errors of one or two months have a sign by chance, or because young stores grow. Either may follow.
            scaled, rows = np.concatenate([scaled, -scaled]), np.concatenate([rows, rows])
        return replace(self, quantiles=_quantiles(scaled, calibration.at(rows), coverage))

    def around(
        self, log_forecast: Values, features: Values, horizon: Indices, regime: Regime, open_probability: Values
    ) -> tuple[Values, Values, Values]:
        """P10, P50 and P90 by row, as revenue; with a probability of 1 - `open_probability` the store is closed."""
        block, scale = _block(horizon), self.error_scale.predict(features, regime)
        levels = open_levels(open_probability)
        errors = np.empty(levels.shape)
        for index, quantiles in enumerate(np.array(self.quantiles)):
            rows = np.flatnonzero(block == index)
            errors[rows] = np.interp(levels[rows], LEVELS, quantiles) * scale[rows, None]
            rows = rows[regime.lift[rows] != regime.drop[rows]]
            errors[rows] = mixture_quantiles(quantiles, scale[rows], regime.at(rows), levels[rows])
        low, middle, high = np.where(levels > 0, np.exp(log_forecast[:, None] + errors), 0).T
        return low, middle, high

    def moments(self, scale: Values, horizon: Indices, regime: Regime) -> tuple[Floats, Floats]:
        """By row: the mean of exp(error), and of its square, by which the mean of an open day exceeds its median."""
        errors = np.array(self.quantiles)[_block(horizon)] * scale[:, None]
        first, second = (np.exp(power * errors).mean(1) * _mean_of_regimes(regime, power) for power in (1, 2))
        return first, second

    @classmethod
    def read(cls, error_scale: str, quantiles: Sequence[Sequence[float]]) -> "Intervals":
        """From LightGBM's text of the error scale, and the quantiles as lists."""
        booster = lightgbm.Booster(model_str=error_scale)
        return cls(ErrorScale(booster), tuple(tuple(block) for block in quantiles))


def _quantiles(scaled: Values, calibration: Calibration, coverage: float) -> tuple[tuple[float, ...], ...]:
    """[block][level]: quantiles of the rows' errors, scaled to the width that the median window needed."""
    target = calibration.origin + calibration.horizon
    weight = 0.5 ** ((target.max() - target) / HALF_LIFE)
    block = _block(calibration.horizon)
    quantiles = np.array([_weighted_quantiles(scaled, weight, block == index) for index in range(len(BLOCKS) - 1)])
    bounds = _at_levels((0.5 - coverage / 2, 0.5, 0.5 + coverage / 2), quantiles)
    factor = conformal_scale(scaled, bounds[block], weight, calibration.origin, coverage)
    median = bounds[:, 1:2]
    quantiles = median + (quantiles - median) * factor
    return tuple(tuple(row.tolist()) for row in quantiles)


def open_levels(open_probability: Values) -> Floats:
    """[row, level]: the levels among open days of P10, P50 and P90 of all days; 0 or less if these are closed."""
    share = np.maximum(open_probability, SMALLEST_CHANCE).astype(float)[:, None]
    levels: Floats = (np.array(P10_P50_P90) - (1 - share)) / share
    return levels


def _mean_of_regimes(regime: Regime, power: int) -> Floats:
    """By row: the mean of exp(power · distance) over both regimes."""
    high, low = np.exp(power * regime.lift.astype(float)), np.exp(power * regime.drop.astype(float))
    mean: Floats = regime.probability * high + (1 - regime.probability) * low
    return mean


def _block(horizon: Indices) -> Indices:
    """By row: index of the block of horizons."""
    return np.searchsorted(BLOCKS[1:-1], horizon)


def _weighted_quantiles(scaled: Values, weight: Floats, rows: Indices) -> Floats:
    """[level]: quantiles of the rows' errors, or of all errors if there are no rows."""
    rows = rows if rows.any() else np.ones(len(rows), bool)
    quantiles: Floats = np.quantile(scaled[rows], LEVELS, weights=weight[rows], method="inverted_cdf")
    return quantiles


def _at_levels(levels: Sequence[float], quantiles: Floats) -> Floats:
    """[block, level]."""
    return np.array([np.interp(levels, LEVELS, row) for row in quantiles])


def _nearest_regime(errors: Values, calibration: Calibration) -> Values:
    """By row: lift or drop, the one that leaves less absolute error over all stores and days of the week."""
    week = (calibration.origin + calibration.horizon - 1) // 7  # 0001-01-01 was a Monday
    group = np.unique(calibration.origin * DAYS_A_ORIGIN + week, return_inverse=True)[1]
    high_error = np.bincount(group, np.abs(errors - calibration.lift))
    low_error = np.bincount(group, np.abs(errors - calibration.drop))
    return np.where((high_error < low_error)[group], calibration.lift, calibration.drop)


def mixture_quantiles(quantiles: Floats, scale: Values, regime: Regime, levels: Floats) -> Floats:
    """[row, level]: quantiles of the error at `levels` if either regime may come, by bisection.

    The mixture has two components, at lift and drop, with the distribution of `quantiles` times `scale`.
    """
    centres = np.stack([regime.lift, regime.drop])[:, :, None].astype(float)
    weights = np.stack([regime.probability, 1 - regime.probability])[:, :, None]
    ends = centres.min(0) + quantiles[0] * scale[:, None], centres.max(0) + quantiles[-1] * scale[:, None]
    low, high = (np.repeat(end, levels.shape[1], axis=1) for end in ends)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        below = (weights * np.interp((middle - centres) / scale[:, None], quantiles, LEVELS, left=0, right=1)).sum(0)
        low, high = np.where(below < levels, middle, low), np.where(below < levels, high, middle)
    return high


def conformal_scale(scaled: Array, bounds: Floats, weight: Floats, origin: Indices, coverage: float) -> float:
    """The factor that gives the interval its coverage in the median calibration window.

    `bounds[row]` are low, middle and high. In each window of n errors the factor is the (n + 1) · coverage-th score, as
    in split conformal prediction. Windows are weighted by their rows' weights.
    """
    low, middle, high = bounds.T
    side = np.where(scaled > middle, high - middle, middle - low)
    score = np.abs(scaled - middle) / np.maximum(side, SMALLEST_SIDE)
    windows = [origin == day for day in np.unique(origin)]
    if len(windows) < LEAST_WINDOWS:
        return 1.0
    factors = [np.quantile(score[rows], min(coverage * (1 + 1 / rows.sum()), 1)) for rows in windows]
    weights = [weight[rows].sum() for rows in windows]
    return float(np.quantile(factors, 0.5, weights=weights, method="inverted_cdf"))
