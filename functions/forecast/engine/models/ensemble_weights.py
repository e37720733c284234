"""Weights of the base models, from their errors on past days.

Method: inverse-error weights over several calibration windows, shrunk by a quarter towards greedy ensemble selection
(Caruana et al. 2004).
"""

import numpy as np

from functions.forecast.engine.arrays import Floats, Values
from functions.forecast.engine.models.calibration import BASE_MODELS, Calibration, weight_vector

# A few windows are a few draws of the calendar, so greedy selection gets only a quarter of the weight.
GREEDY_SHARE, GREEDY_STEPS = 0.25, 12
# A model with an error 4 % above the best gets half of its weight, and one with 20 % above gets none.
SHARPNESS, LARGEST_ERROR = 16, 1.2
SMALLEST_ERROR = 1e-9


def ensemble_weights(calibration: Calibration, standard_models: tuple[str, ...] = BASE_MODELS) -> dict[str, float]:
    """The weight of each base model; they add up to 1.

    Every window counts the same, and within it every store. A model outside of `standard_models` has a weight only if
    its error is below that of the standard models together.
    """
    revenue = np.exp(calibration.log_revenue)
    row_weight = _row_weights(calibration, revenue)
    predictions = dict(zip(BASE_MODELS, calibration.predictions.T, strict=True))
    errors = {name: max(_error(values, revenue, row_weight), SMALLEST_ERROR) for name, values in predictions.items()}
    weights = _weights({name: predictions[name] for name in standard_models}, errors, revenue, row_weight)
    together = _error(calibration.predictions @ weight_vector(weights), revenue, row_weight)
    better = [name for name in BASE_MODELS if name not in standard_models and errors[name] < together]
    if not better:
        return weights
    return _weights({name: predictions[name] for name in (*standard_models, *better)}, errors, revenue, row_weight)


def near_best(calibration: Calibration) -> Floats:
    """[base model]: (least error ÷ error) ** `SHARPNESS`, and 0 for a model that is far behind."""
    revenue = np.exp(calibration.log_revenue)
    row_weight = _row_weights(calibration, revenue)
    errors = np.maximum([_error(row, revenue, row_weight) for row in calibration.predictions.T], SMALLEST_ERROR)
    share = errors.min() / errors
    return np.where(share * LARGEST_ERROR >= 1, share**SHARPNESS, 0)


def _weights(
    predictions: dict[str, Values], errors: dict[str, float], revenue: Values, row_weight: Values
) -> dict[str, float]:
    """The weights of the models of `predictions`; the other base models have 0."""
    errors = {name: errors[name] for name in predictions}
    best = min(errors.values())
    near = {name: (best / error) ** SHARPNESS for name, error in errors.items() if error <= LARGEST_ERROR * best}
    total = sum(near.values())
    weights = dict.fromkeys(BASE_MODELS, 0.0)
    weights |= {name: (1 - GREEDY_SHARE) * share / total for name, share in near.items()}
    for name in _greedy_steps({name: predictions[name] for name in near}, revenue, row_weight):
        weights[name] += GREEDY_SHARE / GREEDY_STEPS
    return weights


def _greedy_steps(predictions: dict[str, Values], revenue: Values, row_weight: Values) -> list[str]:
    """The model that lowers the error of the mean most, step by step; a model may come several times."""
    steps: list[str] = []
    total: Values = np.zeros(len(revenue), np.float32)
    for count in range(1, GREEDY_STEPS + 1):
        errors = {
            name: _error((total + values) / np.float32(count), revenue, row_weight)
            for name, values in predictions.items()
        }
        steps.append(min(errors, key=lambda name: errors[name]))
        total += predictions[steps[-1]]
    return steps


def _error(log_forecast: Values, revenue: Values, row_weight: Values) -> float:
    return float((np.abs(np.exp(log_forecast) - revenue) * row_weight).sum())


def _row_weights(calibration: Calibration, revenue: Values) -> Values:
    """By row, so that each window counts the same, and each store in it."""
    window = np.unique(calibration.origin, return_inverse=True)[1]
    store_window = window * (calibration.store.max() + 1) + calibration.store
    total = np.bincount(store_window, revenue)
    stores = np.bincount(window[np.unique(store_window, return_index=True)[1]])
    weights: Values = 1 / (total[store_window] * stores[window])
    return weights
