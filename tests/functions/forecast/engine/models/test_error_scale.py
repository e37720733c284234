"""The error scale predicts the expected error, and grows if the regime is uncertain."""

import lightgbm
import numpy as np
import pytest

from functions.forecast.engine.models.error_scale import CalibrationErrors, ErrorScale
from functions.forecast.engine.models.lightgbm_models import Sample
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.panel import Rows
from functions.forecast.engine.signals.week_regimes import Regime


def test_the_scale_of_a_calibration_window_did_not_learn_from_the_window() -> None:
    rng = np.random.default_rng(5)
    day, noisy = rng.integers(0, 300, 4000), rng.integers(0, 2, 4000)
    features = np.stack([day, noisy], axis=1).astype(np.float32)
    error = np.where(noisy, 0.4, 0.1).astype(np.float32)
    rows = Rows(np.zeros_like(day), day - 1, day)
    sample = Sample(rows, features, error, error, np.ones_like(error), ("day", "noisy"))
    future = np.array([[290, 0], [290, 1]], np.float32)
    settings, none = Settings(rounds=60, threads=1), Regime.none(2)

    expected = CalibrationErrors(sample, error, settings, 1).error_scale(200).predict(future, none)
    late_errors = np.where(day > 200, 1, error)
    unchanged = CalibrationErrors(sample, late_errors, settings, 1).error_scale(200).predict(future, none)

    assert expected == pytest.approx(np.sqrt([0.1, 0.4]), rel=0.1)
    assert unchanged == pytest.approx(expected)


def test_an_uncertain_regime_adds_the_error_of_a_mean_of_both() -> None:
    booster = lightgbm.train({"verbose": -1}, lightgbm.Dataset(np.zeros((50, 1)), np.full(50, 0.25)), 1)
    regime = Regime(*(np.array(values, np.float32) for values in ([0, 0.5, 0.9], [0, 0.2, 0.1], [0, -0.2, -0.3])))
    # 2 · 0.5 · 0.5 · 0.4 and 2 · 0.9 · 0.1 · 0.4
    expected = ErrorScale(booster).expected_error(np.zeros((3, 1), np.float32), regime)
    assert expected == pytest.approx([0.25, 0.25 + 0.2, 0.25 + 0.072])
