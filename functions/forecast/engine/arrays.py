"""Array types of the engine, and means over the finite values of an array."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Values = NDArray[np.float32]
Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


def ratio(total: Array, count: Array) -> Values:
    """Total over count; NaN where the count is 0."""
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def finite_mean(stacked: Array) -> Values:
    """Mean over the first axis, without NaN; NaN if there is no value."""
    finite = np.isfinite(stacked)
    return ratio(np.where(finite, stacked, 0).sum(0), finite.sum(0))


def log_of(revenue: Array) -> Floats:
    """Natural logarithm of revenue; NaN where revenue is 0, negative or missing."""
    logs: Floats = np.log(revenue, out=np.full(revenue.shape, np.nan), where=np.nan_to_num(revenue) > 0)
    return logs
