"""Forecasts without a model: last week, and means of the same weekdays; [store, day] after the origin."""

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.data.history import History

Floats = NDArray[np.float64]
NAMES = ("last_week", "mean_of_4_weekdays", "mean_of_8_weekdays")


def forecasts(past: History, horizon: int, opened: Floats) -> dict[str, Floats]:
    """`opened` is 1, 0, or NaN without a plan; a day that is known to be closed is 0."""
    open_days_known = bool(np.isfinite(opened).any())
    by_name = {
        "last_week": _same_weekdays(past, horizon, 1, traded_only=False),
        "mean_of_4_weekdays": _same_weekdays(past, horizon, 4, traded_only=open_days_known),
        "mean_of_8_weekdays": _same_weekdays(past, horizon, 8, traded_only=open_days_known),
    }
    return {name: np.where(opened == 0, 0, values) for name, values in by_name.items()}


def _same_weekdays(past: History, horizon: int, weeks: int, *, traded_only: bool) -> Floats:
    """The mean of the newest `weeks` days of each weekday; with `traded_only` of those that were not closed."""
    window = np.full((len(past.stores), 7 * weeks), np.nan)
    tail = past.revenue[:, -7 * weeks :]
    window[:, window.shape[1] - tail.shape[1] :] = tail
    by_weekday = window.reshape(len(past.stores), weeks, 7)
    counted = by_weekday > 0 if traded_only else np.isfinite(by_weekday)
    total = np.where(counted, by_weekday, 0).sum(1)
    week = np.where(counted.any(1), total / np.maximum(counted.sum(1), 1), 0)
    return np.tile(week, (1, -(-horizon // 7)))[:, :horizon]
