"""Weights of base models with known errors; the expected weights are computed by hand."""

import numpy as np
import pytest

from functions.forecast.engine.models.calibration import BASE_MODELS, Calibration
from functions.forecast.engine.models.ensemble_weights import ensemble_weights, near_best

FIRST, SECOND, THIRD = BASE_MODELS[:3]


def calibration(*relative_errors: float) -> Calibration:
    """Forty store-days of 100, in two windows; the first base models have these relative errors."""
    rows = np.arange(40)
    forecasts = np.full((40, len(BASE_MODELS)), 300.0)
    forecasts[:, : len(relative_errors)] = 100 * (1 + np.array(relative_errors))
    return Calibration(
        predictions=np.log(forecasts).astype(np.float32),
        log_revenue=np.full(40, np.log(100), np.float32),
        error_scale=np.ones(40, np.float32),
        horizon=rows % 10 + 1,
        store=rows % 2,
        origin=rows // 20,
        open_probability=np.ones(40, np.float32),
        probability=np.zeros(40, np.float32),
        lift=np.zeros(40, np.float32),
        drop=np.zeros(40, np.float32),
        age=np.full(40, 365, np.float32),
    )


def test_equal_models_have_equal_weights_but_for_the_quarter_of_greedy_selection() -> None:
    weights = ensemble_weights(calibration(0.1, 0.1), (FIRST, SECOND))
    assert weights[FIRST] == pytest.approx(0.375 + 0.25)
    assert weights[SECOND] == pytest.approx(0.375)


def test_a_model_four_percent_behind_gets_half_of_the_share_of_the_best() -> None:
    weights = ensemble_weights(calibration(0.1, 0.1 * 1.0443), (FIRST, SECOND))  # 1.0443 ** 16 = 2
    assert weights[FIRST] == pytest.approx(0.75 * 2 / 3 + 0.25, abs=1e-3)
    assert weights[SECOND] == pytest.approx(0.75 / 3, abs=1e-3)


def test_a_model_far_behind_is_dropped_even_if_it_would_cancel_errors() -> None:
    assert ensemble_weights(calibration(0.1, -0.13), (FIRST, SECOND))[SECOND] == 0


def test_two_models_with_opposite_errors_share_the_quarter() -> None:
    weights = ensemble_weights(calibration(0.1, -0.1), (FIRST, SECOND))
    assert weights[FIRST] == pytest.approx(0.5, abs=0.05)


def test_the_weights_add_up_and_a_model_that_is_neither_usual_nor_better_has_none() -> None:
    weights = ensemble_weights(calibration(0.1, 0.11, 0.15), (FIRST, SECOND))
    assert sum(weights.values()) == pytest.approx(1)
    assert weights[THIRD] == 0


def test_a_simple_model_counts_in_a_large_chain_if_it_has_a_smaller_error_than_the_trees_together() -> None:
    usual = (FIRST, SECOND)
    assert ensemble_weights(calibration(0.2, 0.2, 0.1), usual)[THIRD] == pytest.approx(1)  # 0.2 is above 1.2 * 0.1
    near = ensemble_weights(calibration(0.1, 0.1, 0.099), usual)
    assert near[THIRD] > near[SECOND] > 0
    assert ensemble_weights(calibration(0.1, 0.1, 0.1), usual)[THIRD] == 0


def test_models_without_error_have_weights_too() -> None:
    assert ensemble_weights(calibration(0.0, 0.0), (FIRST, SECOND))[SECOND] == pytest.approx(0.375)


def test_the_nearness_of_a_model_is_its_share_without_greedy_selection() -> None:
    near = near_best(calibration(0.1, 0.1 * 1.0443, 0.121))  # 1.0443 ** 16 = 2
    assert near[:3] == pytest.approx([1, 0.5, 0], abs=1e-3)
    assert not near[3:].any()


def test_models_without_errors_are_equally_near() -> None:
    assert near_best(calibration(*[0.0] * len(BASE_MODELS))).tolist() == [1] * len(BASE_MODELS)
