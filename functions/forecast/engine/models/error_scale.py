"""Error scale: a model of how large the error of a forecast is, by row (conditional scale).

It learns from out-of-fold errors: errors of models on months that they did not learn from.
"""

from dataclasses import dataclass, replace

import lightgbm
import numpy as np

from functions.forecast.engine.arrays import Floats, Values
from functions.forecast.engine.models import lightgbm_models
from functions.forecast.engine.models.lightgbm_models import Sample
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.week_regimes import Regime

SMALLEST_ERROR, LARGEST_ERROR = 0.01, 1.0
# Days that are left out together, and the number of folds.
MONTH_DAYS, FOLDS = 28, 3
ROUNDS = 60
COARSE: dict[str, object] = {"num_leaves": 16, "min_data_in_leaf": 100}


@dataclass(frozen=True)
class ErrorScale:
    """A booster that predicts the absolute error of the log forecast."""

    booster: lightgbm.Booster

    def expected_error(self, features: Values, regime: Regime) -> Floats:
        """By row: the expected absolute error of the log forecast; more if the regime is uncertain.

        Base models that learned the mean of both regimes miss either by 2p(1 - p) of the difference on average.
        """
        error = np.clip(np.asarray(self.booster.predict(features)), SMALLEST_ERROR, LARGEST_ERROR)
        probability = regime.probability
        expected: Floats = error + 2 * probability * (1 - probability) * np.abs(regime.lift - regime.drop)
        return expected

    def predict(self, features: Values, regime: Regime) -> Values:
        """By row: the unit in which errors are compared, the geometric mean of the expected error and 1."""
        scale: Values = np.sqrt(self.expected_error(features, regime)).astype(np.float32)
        return scale


@dataclass(frozen=True)
class CalibrationErrors:
    """`abs_error` of each row of a sample, by a model that did not learn from the row's month."""

    sample: Sample
    abs_error: Values
    settings: Settings
    seed: int

    @classmethod
    def of(cls, sample: Sample, settings: Settings, seed: int) -> "CalibrationErrors":
        """The errors on open days, among the first `validation_share` of the sample."""
        sample = sample.first(settings.validation_share)
        sample = sample.at(np.flatnonzero(np.isfinite(sample.residual)))
        fold = sample.rows.target // MONTH_DAYS % FOLDS
        abs_error = np.zeros(len(fold), np.float32)
        light = replace(settings, rounds=settings.rounds // 2)
        for number in range(FOLDS):
            training, test = sample.at(fold != number), fold == number
            if not len(training.residual) or not test.any():
                continue
            booster = _fit(sample, training, training.residual, training.weight, light, seed)
            prediction = np.asarray(booster.predict(sample.features[test]))
            abs_error[test] = np.abs(sample.residual[test] - prediction)
        abs_error = np.clip(abs_error, 0, LARGEST_ERROR)
        return cls(sample, abs_error, replace(settings, rounds=ROUNDS), seed)

    def error_scale(self, last: int) -> ErrorScale:
        """The scale, learned from targets up to the day `last`.

        A calibration window needs the scale that was known at its end. A scale that learned from the window itself is
        small where its errors are small, and would make later errors look large.
        """
        past = self.sample.rows.target <= last
        label = self.abs_error[past]
        return ErrorScale(_fit(self.sample, self.sample.at(past), label, None, self.settings, self.seed, COARSE))


def _fit(
    sample: Sample,
    training: Sample,
    label: Values,
    weight: Values | None,
    settings: Settings,
    seed: int,
    changes: dict[str, object] | None = None,
) -> lightgbm.Booster:
    """A booster with the parameters for the size of `sample`, and `changes` to them."""
    parameters = lightgbm_models.parameters("regression", sample, settings, seed) | (changes or {})
    return lightgbm.train(parameters, lightgbm_models.dataset(training.features, label, weight), settings.rounds)
