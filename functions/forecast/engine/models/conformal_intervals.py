"""Conformal intervals: P10, P50 and P90 around a forecast, from the errors of past forecasts.

Method: quantiles of scaled calibration errors by horizon, widened as in split conformal prediction (Lei et al. 2018)
by the median of the factors that the calibration windows needed. With regimes they are quantiles of a mixture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm
import numpy as np

from functions.forecast.engine.arrays import Floats, Indices, Values
from functions.forecast.engine.models.calibration import Calibration
from functions.forecast.engine.models.error_scale import ErrorScale
from functions.forecast.engine.signals.week_regimes import Regime

BLOCKS = (0, 7, 14, 1000)  # last horizons of the blocks
P10_P50_P90 = (0.1, 0.5, 0.9)
LEVELS = np.arange(1, 80) / 80
BISECTIONS = 30  # of a difference of logarithms; the remaining error is negligible
SMALLEST_SIDE = 0.01
HALF_LIFE = 90.0  # days after which an error has half of its weight
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
        target = calibration.origin + calibration.horizon
        scaled = (errors - _nearest_regime(errors, calibration)) / calibration.error_scale
        weight = 0.5 ** ((target.max() - target) / HALF_LIFE)
        block = _block(calibration.horizon)
        quantiles = np.array([_weighted_quantiles(scaled, weight, block == index) for index in range(len(BLOCKS) - 1)])
        bounds = _at_levels((0.5 - coverage / 2, 0.5, 0.5 + coverage / 2), quantiles)
        factor = conformal_scale(scaled, bounds[block], weight, calibration.origin, coverage)
        median = bounds[:, 1:2]
        quantiles = median + (quantiles - median) * factor
        return replace(self, quantiles=tuple(tuple(row.tolist()) for row in quantiles))

    def around(
        self, log_forecast: Values, features: Values, horizon: Indices, regime: Regime
    ) -> tuple[Values, Values, Values]:
        """P10, P50 and P90 by row, as revenue."""
        quantiles, block = np.array(self.quantiles), _block(horizon)
        scale = self.error_scale.predict(features, regime)
        errors = _at_levels(P10_P50_P90, quantiles)[block] * scale[:, None]
        for index in range(len(quantiles)):
            rows = np.flatnonzero((block == index) & (regime.lift != regime.drop))
            errors[rows] = mixture_quantiles(quantiles[index], scale[rows], regime.at(rows))
        low, middle, high = np.exp(log_forecast + errors.T)
        return low, middle, high

    @classmethod
    def read(cls, error_scale: str, quantiles: Sequence[Sequence[float]]) -> "Intervals":
        """From LightGBM's text of the error scale, and the quantiles as lists."""
        booster = lightgbm.Booster(model_str=error_scale)
        return cls(ErrorScale(booster), tuple(tuple(block) for block in quantiles))


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


def mixture_quantiles(quantiles: Floats, scale: Values, regime: Regime) -> Floats:
    """[row, level]: P10, P50 and P90 of the error if either regime may come, by bisection.

    The mixture has two components, at lift and drop, with the distribution of `quantiles` times `scale`.
    """
    centres = np.stack([regime.lift, regime.drop])[:, :, None].astype(float)
    weights = np.stack([regime.probability, 1 - regime.probability])[:, :, None]
    ends = centres.min(0) + quantiles[0] * scale[:, None], centres.max(0) + quantiles[-1] * scale[:, None]
    low, high = (np.repeat(end, len(P10_P50_P90), axis=1) for end in ends)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        below = (weights * np.interp((middle - centres) / scale[:, None], quantiles, LEVELS, left=0, right=1)).sum(0)
        low, high = np.where(below < P10_P50_P90, middle, low), np.where(below < P10_P50_P90, high, middle)
    return high


def conformal_scale(scaled: Values, bounds: Floats, weight: Floats, origin: Indices, coverage: float) -> float:
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
