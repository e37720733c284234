"""Calibration rows: joined, limited, and their errors."""

import numpy as np
import pytest

from functions.forecast.engine.models import calibration
from functions.forecast.engine.models.calibration import BASE_MODELS, Calibration


def constant(rows: int, prediction: float) -> Calibration:
    zero, index = np.zeros(rows, np.float32), np.arange(rows)
    predictions = np.full((rows, len(BASE_MODELS)), prediction, np.float32)
    return Calibration(predictions, zero, zero + 1, index, index, index, zero, zero)


def test_the_error_is_log_revenue_less_the_weighted_prediction() -> None:
    weights = dict.fromkeys(BASE_MODELS, 0.0) | {BASE_MODELS[0]: 0.25, BASE_MODELS[1]: 0.75}
    assert constant(2, 0.4).errors(weights) == pytest.approx([-0.4, -0.4])


def test_joined_calibrations_have_the_rows_of_both() -> None:
    joined = constant(2, 1).joined(constant(3, 2))
    assert joined.predictions[:, 0].tolist() == [1, 1, 2, 2, 2]


def test_too_many_rows_are_sampled_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "MOST_ROWS", 10)
    limited = constant(50, 1).limited(7)
    assert len(set(limited.horizon.tolist())) == 10
    assert limited.horizon.tolist() == constant(50, 1).limited(7).horizon.tolist()
    assert len(constant(10, 1).limited(7).horizon) == 10
