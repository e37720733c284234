"""Calibration rows: joined, limited, and their errors."""

from dataclasses import replace

import numpy as np
import pytest

from functions.forecast.engine.models import calibration
from functions.forecast.engine.models.calibration import BASE_MODELS, Calibration


def constant(rows: int, prediction: float) -> Calibration:
    zero, index = np.zeros(rows, np.float32), np.arange(rows)
    predictions = np.full((rows, len(BASE_MODELS)), prediction, np.float32)
    return Calibration(predictions, zero, zero + 1, index, index, index, zero + 1, zero, zero, zero, zero + 365)


def test_the_error_is_log_revenue_less_the_weighted_prediction() -> None:
    weights = dict.fromkeys(BASE_MODELS, 0.0) | {BASE_MODELS[0]: 0.25, BASE_MODELS[1]: 0.75}
    assert constant(2, 0.4).errors(weights) == pytest.approx([-0.4, -0.4])


def test_joined_calibrations_have_the_rows_of_both() -> None:
    joined = constant(2, 1).joined(constant(3, 2))
    assert joined.predictions[:, 0].tolist() == [1, 1, 2, 2, 2]


def test_of_too_many_rows_the_newest_origins_stay_with_all_of_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "MOST_ROWS", 10)
    rows = replace(constant(50, 1), origin=np.arange(50) // 4)
    assert rows.limited().origin.tolist() == [10] * 4 + [11] * 4 + [12] * 2
    assert replace(rows, origin=rows.origin * 0).limited().horizon.tolist() == [*range(50)]
    assert len(constant(10, 1).limited().horizon) == 10


def test_open_days_are_those_with_revenue() -> None:
    rows = replace(constant(3, 1), log_revenue=np.array([1, np.nan, 2], np.float32))
    assert rows.open_days.horizon.tolist() == [0, 2]
