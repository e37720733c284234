"""Calibration: forecasts of past origins beside the revenue that followed, for weights and intervals."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.forecast.engine.arrays import Indices, Values
from functions.forecast.engine.models import baseline_models, lightgbm_models

BASE_MODELS = (*(recipe.name for recipe in lightgbm_models.RECIPES), *baseline_models.NAMES)
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Calibration:
    """By row: a store's target day from a past origin, of one or more calibration windows.

    - `predictions[row, base model]` and `log_revenue` are logarithms. `error_scale`: the expected size of their error.
    - `origin` is a `date.toordinal`; the rows of one origin are a window.
    - `lift`, `drop`: those of the row's `Regime`.
    """

    predictions: Values
    log_revenue: Values
    error_scale: Values
    horizon: Indices
    store: Indices
    origin: Indices
    lift: Values
    drop: Values

    def joined(self, further: "Calibration") -> "Calibration":
        """The rows of both."""
        pairs = zip(vars(self).values(), vars(further).values(), strict=True)
        return Calibration(*(np.concatenate([a, b]) for a, b in pairs))

    def at(self, rows: Any) -> "Calibration":
        """The rows with these indices."""
        return Calibration(*(values[rows] for values in vars(self).values()))

    def limited(self, seed: int) -> "Calibration":
        """At most `MOST_ROWS` rows, drawn at random."""
        if len(self.log_revenue) <= MOST_ROWS:
            return self
        return self.at(np.sort(np.random.default_rng(seed).choice(len(self.log_revenue), MOST_ROWS, replace=False)))

    def errors(self, weights: dict[str, float]) -> Values:
        """By row: log revenue less the ensemble's prediction with these weights."""
        errors: Values = self.log_revenue - self.predictions @ weight_vector(weights)
        return errors


def weight_vector(weights: dict[str, float]) -> Values:
    """[base model]: the weights in the order of `BASE_MODELS`."""
    return np.array([weights[name] for name in BASE_MODELS], np.float32)
