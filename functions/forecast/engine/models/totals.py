"""Totals: the expected revenue of the next 7 and 30 days, by store and for all stores, with P10, P50 and P90.

A total is the sum of means, while the point forecast of a day is a median. Its interval comes from totals of past
origins, because errors of neighbouring days are related, and a sum of daily quantiles would be too wide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from functions.forecast.engine.arrays import Floats, Indices, Values
from functions.forecast.engine.models.calibration import Calibration
from functions.forecast.engine.models.conformal_intervals import HALF_LIFE, Intervals, conformal_scale
from functions.forecast.engine.models.ensemble_weights import near_best
from functions.forecast.engine.models.young_stores import USUAL_GROWTH, growth_share, growth_variance, own_and_level
from functions.forecast.engine.signals.week_regimes import Regime

SPANS = (7, 30)  # days
EVERY_STORE = "*"
COLUMNS = ["store_id", "days", "mean", "p10", "p50", "p90"]
STORES_A_ORIGIN = 1_000_000
SMALLEST_TOTAL = 1e-9
# Without trials of a whole span, the totals of stores and of the chain are expected to be off by this share.
USUAL_SPREAD, SMALLEST_SPREAD = 0.1, 0.01
WINDOW_DAYS = 31
SETTLED_POWER = 4  # by which young stores hardly count in the variance of older ones
TO_P90 = 1.2815515655446004  # of the standard normal distribution


@dataclass(frozen=True)
class DayMeans:
    """By row, of any day, closed ones included.

    - `by_model[row, base model]`: the expected revenue by each base model.
    - `open_square`: the mean of the squared revenue of an open day over the square of its mean.
    - `open_probability`: the probability that the store opens.
    """

    by_model: Floats
    open_square: Floats
    open_probability: Values

    @classmethod
    def of(
        cls,
        predictions: Values,
        open_probability: Values,
        scale: Values,
        horizon: Indices,
        regime: Regime,
        intervals: Intervals,
    ) -> "DayMeans":
        """From the log `predictions[row, base model]` of the median, and the distribution of errors in `intervals`."""
        first, second = intervals.moments(scale, horizon, regime)
        return cls(
            np.exp(predictions.astype(float)) * (open_probability * first)[:, None], second / first**2, open_probability
        )

    def combined(self, weights: Floats) -> tuple[Floats, Floats]:
        """By row: mean and variance of the revenue, with the weight of each base model."""
        mean: Floats = self.by_model @ weights
        square = (
            np.divide(mean**2, self.open_probability, out=np.zeros_like(mean), where=self.open_probability > 0)
            * self.open_square
        )
        return mean, square - mean**2


@dataclass(frozen=True)
class Sums:
    """Sums over the first days of a forecast, by store and origin: `mean`, `variance` and, of the past, `revenue`.

    `age` is the number of days that the store was open before the origin.
    """

    store: Indices
    origin: Indices
    mean: Floats
    variance: Floats
    revenue: Floats
    age: Values


@dataclass(frozen=True)
class Span:
    """The errors of past totals of so many `days`, relative to the expected total.

    - `store_variance`: the part of a store's variance that its days share. `quantiles`: P10, P50 and P90 of a store's
      error in units of its standard deviation.
    - `growth_variance`: the variance of a store's total at its opening, because it grows or falls.
    - `chain_variance`: the part of the chain's variance that its stores share. `windows`: the independent past months.
    """

    days: int
    store_variance: float
    growth_variance: float
    quantiles: tuple[float, ...]
    chain_variance: float
    windows: int


@dataclass(frozen=True)
class TotalIntervals:
    """`weights` of the base models in a total, in the order of `BASE_MODELS`, each with the ratio of its level.

    `bias` is past revenue over expected revenue; it is 1 unless the past months agree about it.
    """

    weights: tuple[float, ...] = ()
    bias: float = 1.0
    spans: tuple[Span, ...] = ()

    @classmethod
    def calibrated(cls, calibration: Calibration, means: DayMeans, horizon: int, coverage: float) -> "TotalIntervals":
        """From calibration rows of closed and open days, and the means that were expected of them."""
        spans = [days for days in SPANS if days <= horizon]
        weights = _level_weights(calibration, means, max(spans, default=0))
        trials = {days: _sums(calibration, means, weights, days) for days in spans}
        longest = next((sums for sums in reversed([*trials.values()]) if len(sums.store)), None)
        bias = _bias(longest) if longest else 1.0
        spans_of_trials = (_span(days, sums, bias, coverage) for days, sums in trials.items())
        return cls(tuple(weights.tolist()), bias, tuple(spans_of_trials))

    def around(
        self, stores: Sequence[str], store: Indices, horizon: Indices, means: DayMeans, age: Values
    ) -> pd.DataFrame:
        """store_id, days, mean, p10, p50, p90: each store's totals, and those of all stores under `*`.

        `age[row]` is the number of days that the store was open so far.
        """
        tables = [pd.DataFrame(self._rows(span, stores, store, horizon, means, age)) for span in self.spans]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)

    def _rows(
        self, span: Span, stores: Sequence[str], store: Indices, horizon: Indices, means: DayMeans, age: Values
    ) -> Iterator[dict[str, Any]]:
        within = horizon <= span.days
        index, first, row = np.unique(store[within], return_index=True, return_inverse=True)
        day_mean, day_variance = means.combined(np.array(self.weights))
        mean = np.bincount(row, day_mean[within]) * self.bias
        own_variance = np.bincount(row, day_variance[within]) * self.bias**2
        store_age = age[within][first]
        variance = own_variance * own_and_level(np.bincount(row), store_age)
        variance += span.growth_variance * growth_share(store_age) * mean**2
        for number, total, own in zip(index, mean, variance, strict=True):
            spread = np.sqrt(own + span.store_variance * total**2)
            yield {"store_id": stores[number], "days": span.days} | _total(total, spread, span.quantiles)
        spread = np.sqrt(variance.sum() + span.chain_variance * mean.sum() ** 2)
        normal = student_p90(span.windows)
        yield {"store_id": EVERY_STORE, "days": span.days} | _total(mean.sum(), spread, (-normal, 0.0, normal))

    def document(self) -> dict[str, Any]:
        """The intervals as JSON values; `read` is the inverse."""
        return asdict(self)

    @classmethod
    def read(cls, document: dict[str, Any]) -> "TotalIntervals":
        """The intervals from `document()`."""
        spans = (Span(**{**span, "quantiles": tuple(span["quantiles"])}) for span in document["spans"])
        return cls(tuple(document["weights"]), document["bias"], tuple(spans))


def _total(mean: float, spread: float, quantiles: Sequence[float]) -> dict[str, float]:
    low, middle, high = (max(mean + quantile * spread, 0.0) for quantile in quantiles)
    return {"mean": mean, "p10": min(low, mean), "p50": middle, "p90": max(high, mean)}


def student_p90(degrees: int) -> float:
    """P90 of Student's t distribution: the expansion of Abramowitz and Stegun 26.7.5, to the third term."""
    x = TO_P90
    second, third = (x**3 + x) / 4, (5 * x**5 + 16 * x**3 + 3 * x) / 96
    return float(x + second / max(degrees, 1) + third / max(degrees, 1) ** 2)


def _level_weights(calibration: Calibration, means: DayMeans, days: int) -> Floats:
    """[base model]: weights by the errors of the chain's totals and by those of days, times the ratio of the level.

    A day's absolute error hardly shows that a model is a few percent too low for all stores. A total does (inverse
    mean squared error, Bates and Granger 1969). But few totals are known, and a model that is far behind on days can
    be near in a few totals by chance. So its weight of days is the other factor.
    """
    ratios = _revenue_ratios(calibration, means)
    chains = [_by_origin(_sums(calibration, means, weights, days)) for weights in np.diag(ratios)]
    weights = near_best(calibration.open_days)
    if len(chains[0].origin):
        recent = _weights(chains[0].origin)
        squares = [np.average((chain.revenue / chain.mean - 1) ** 2, weights=recent) for chain in chains]
        weights = weights / np.maximum(squares, SMALLEST_TOTAL)
    combined: Floats = weights / weights.sum() * ratios
    return combined


def _revenue_ratios(calibration: Calibration, means: DayMeans) -> Floats:
    """[base model]: revenue over expected revenue, without the median error of each origin.

    A store's level is itself uncertain. A forecast that is too high by chance counts more in a sum. So a sum of
    forecasts is too high, even if each one is right on average. The median error of an origin is left out, because the
    level of all stores may be missed the other way next month. `bias` judges whether the months agree.
    """
    expected, recent = means.by_model, _weights(calibration.origin)
    revenue = _revenue(calibration)[:, None] * np.exp(-_median_errors(calibration))
    ratios: Floats = recent @ revenue / np.maximum(recent @ expected, SMALLEST_TOTAL)
    return np.where(ratios > 0, ratios, 1.0)


def _median_errors(calibration: Calibration) -> Floats:
    """[row, base model]: the median error over the open days of the row's origin."""
    is_open = np.isfinite(calibration.log_revenue)
    medians = np.zeros(calibration.predictions.shape)
    for origin in np.unique(calibration.origin[is_open]):
        rows = calibration.origin == origin
        known = rows & is_open
        errors = calibration.log_revenue[known, None] - calibration.predictions[known]
        medians[rows] = np.median(errors, axis=0)
    return medians


def _revenue(calibration: Calibration) -> Floats:
    """By row: the revenue, 0 on a closed day."""
    revenue: Floats = np.exp(np.nan_to_num(calibration.log_revenue.astype(float), nan=-np.inf))
    return revenue


def _sums(calibration: Calibration, means: DayMeans, weights: Floats, days: int) -> Sums:
    """The totals whose days are all known."""
    mean, variance = means.combined(weights)
    rows = np.flatnonzero(calibration.horizon <= days)
    key = calibration.origin[rows] * STORES_A_ORIGIN + calibration.store[rows]
    groups, group, counts = np.unique(key, return_inverse=True, return_counts=True)
    sums = [np.bincount(group, values[rows]) for values in (mean, variance, _revenue(calibration))]
    complete = (counts == days) & (sums[0] > SMALLEST_TOTAL)
    age = calibration.age[rows][np.unique(key, return_index=True)[1]]
    mean, variance, revenue = (values[complete] for values in sums)
    store, origin = groups[complete] % STORES_A_ORIGIN, groups[complete] // STORES_A_ORIGIN
    return Sums(store, origin, mean, variance, revenue, age[complete])


def _by_origin(sums: Sums) -> Sums:
    """The sums over all stores of each origin."""
    origins, group = np.unique(sums.origin, return_inverse=True)
    mean, variance, revenue = (
        np.bincount(group, values).astype(float) for values in (sums.mean, sums.variance, sums.revenue)
    )
    none = np.zeros(len(origins), int)
    return Sums(none, origins, mean, variance, revenue, none.astype(np.float32))


def _weights(origin: Indices) -> Floats:
    """By row: a half for every 90 days before the newest."""
    weights: Floats = 0.5 ** ((origin.max() - origin) / HALF_LIFE)
    return weights


def _windows(origin: Indices) -> int:
    """Number of months without a common day, about."""
    return len(np.unique(origin // WINDOW_DAYS))


def _bias(sums: Sums) -> float:
    """Revenue over expected revenue, shrunk to 1 by its standard error over the months (James and Stein 1961)."""
    chain, windows = _by_origin(sums), _windows(sums.origin)
    if windows < 2:  # noqa: PLR2004 - one month has no standard error
        return 1.0
    ratio = np.log(np.maximum(chain.revenue, SMALLEST_TOTAL) / chain.mean)
    weights = _weights(chain.origin)
    mean = float(np.average(ratio, weights=weights))
    error = float(np.average((ratio - mean) ** 2, weights=weights)) / (windows - 1)
    return float(np.exp(mean * max(0.0, 1 - error / max(mean**2, SMALLEST_TOTAL))))


def _span(days: int, sums: Sums, bias: float, coverage: float) -> Span:
    if not len(sums.store):
        return Span(days, USUAL_SPREAD**2, USUAL_GROWTH**2, (-TO_P90, 0.0, TO_P90), USUAL_SPREAD**2, 1)
    error, weights = sums.revenue / (sums.mean * bias) - 1, _weights(sums.origin)
    own_variance = sums.variance / sums.mean**2 * own_and_level(np.full(len(error), days), sums.age)
    share = growth_share(sums.age)
    store_variance = _excess(error, own_variance, weights * (1 - share) ** SETTLED_POWER)
    growth = growth_variance(error**2 - own_variance - store_variance, weights, sums.store, sums.age)
    scaled = error / np.sqrt(own_variance + store_variance + growth * share)
    levels = (0.5 - coverage / 2, 0.5, 0.5 + coverage / 2)
    bounds = np.quantile(scaled, levels, weights=weights, method="inverted_cdf")
    factor = conformal_scale(scaled, np.tile(bounds, (len(scaled), 1)), weights, sums.origin, coverage)
    quantiles = bounds[1] + (bounds - bounds[1]) * factor
    chain = _by_origin(sums)
    chain_error, chain_own = chain.revenue / (chain.mean * bias) - 1, chain.variance / chain.mean**2
    chain_variance = _excess(chain_error, chain_own, _weights(chain.origin))
    return Span(days, store_variance, growth, tuple(quantiles.tolist()), chain_variance, _windows(sums.origin))


def _excess(error: Floats, own_variance: Floats, weights: Floats) -> float:
    """The variance of the errors beyond their own: the part that days, or stores, share."""
    excess = float(np.average(error**2 - own_variance, weights=weights))
    return max(excess, SMALLEST_SPREAD**2)
