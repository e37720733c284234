"""Running sums over days, from which the mean of any window up to an origin is a difference of two entries."""

import numpy as np

from functions.forecast.engine.arrays import Array, Flags, Values

WEEK = 7


def running_sums(values: Array) -> tuple[Values, Values]:
    """[store, day + 1]: sum and count of the finite values before each day; the first entry is 0."""
    finite = np.isfinite(values)
    sums = np.cumsum(np.where(finite, values, 0), axis=1, dtype=np.float64)
    zero = np.zeros((len(values), 1))
    return (
        np.hstack([zero, sums]).astype(np.float32),
        np.hstack([zero, np.cumsum(finite, axis=1)]).astype(np.float32),
    )


def running_sums_by_weekday(values: Array) -> tuple[Values, Values]:
    """[store, day + 7]: sum and count of the finite values on this day and all earlier days of its weekday."""
    finite = np.isfinite(values)
    sums, counts = (np.zeros((len(values), values.shape[1] + WEEK), np.float32) for _ in range(2))
    for day in range(values.shape[1]):
        sums[:, day + WEEK] = sums[:, day] + np.where(finite[:, day], values[:, day], 0)
        counts[:, day + WEEK] = counts[:, day] + finite[:, day]
    return sums, counts


def days_since(flags: Flags, known: Flags) -> Values:
    """[store, day]: `known` days since the last True, 0 on it; NaN before the first. A True day is known."""
    days = np.cumsum(known, axis=1)
    last = np.maximum.accumulate(np.where(flags, days, -1), axis=1)
    return np.where(last < 0, np.nan, days - last).astype(np.float32)
