"""Calibration: forecasts of past origins beside the revenue that followed, for weights and intervals."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.forecast.engine.arrays import Indices, Values
from functions.forecast.engine.models import baseline_models, lightgbm_models
from functions.forecast.engine.signals.week_regimes import Regime

BASE_MODELS = (*(recipe.name for recipe in lightgbm_models.RECIPES), *baseline_models.NAMES)
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Calibration:
    """By row: a store's target day from a past origin, of one or more calibration windows.

    - `predictions[row, base model]` and `log_revenue` are logarithms; the latter is NaN on a closed day.
    - `error_scale`: the expected size of their error. `open_probability`: the probability that the store opens.
    - `origin` is a `date.toordinal`; the rows of one origin are a window.
    - `probability`, `lift`, `drop`: those of the row's `Regime`. `age`: days that the store was open up to the origin.
    """

    predictions: Values
    log_revenue: Values
    error_scale: Values
    horizon: Indices
    store: Indices
    origin: Indices
    open_probability: Values
    probability: Values
    lift: Values
    drop: Values
    age: Values

    def joined(self, further: "Calibration") -> "Calibration":
        """The rows of both."""
        pairs = zip(vars(self).values(), vars(further).values(), strict=True)
        return Calibration(*(np.concatenate([a, b]) for a, b in pairs))

    def at(self, rows: Any) -> "Calibration":
        """The rows with these indices."""
        return Calibration(*(values[rows] for values in vars(self).values()))

    def limited(self) -> "Calibration":
        """The rows of the newest origins, at most `MOST_ROWS` if these have several; an origin has all of its rows."""
        origins, counts = np.unique(self.origin, return_counts=True)
        kept = np.cumsum(counts[::-1]) <= max(MOST_ROWS, counts[-1])
        return self if kept.all() else self.at(np.isin(self.origin, origins[::-1][kept]))

    @property
    def open_days(self) -> "Calibration":
        """The rows of days on which the store was open."""
        return self.at(np.flatnonzero(np.isfinite(self.log_revenue)))

    @property
    def regime(self) -> Regime:
        """The regimes by row."""
        return Regime(self.probability, self.lift, self.drop)

    def errors(self, weights: dict[str, float]) -> Values:
        """By row: log revenue less the ensemble's prediction with these weights."""
        errors: Values = self.log_revenue - self.log_forecast(weights)
        return errors

    def log_forecast(self, weights: dict[str, float]) -> Values:
        """By row: the ensemble's prediction with these weights."""
        log_forecast: Values = self.predictions @ weight_vector(weights)
        return log_forecast


def weight_vector(weights: dict[str, float]) -> Values:
    """[base model]: the weights in the order of `BASE_MODELS`."""
    return np.array([weights[name] for name in BASE_MODELS], np.float32)
