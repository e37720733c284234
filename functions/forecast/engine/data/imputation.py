"""What is taken for a day of which nobody said what they say of others; each rule is named in the forecast's report."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
NONE_UNLESS_SAID = ("promo", "school_holiday", "state_holiday")
HABIT_WEEKS = 8


def fill(name: str, values: Values, traded: NDArray[np.bool_]) -> tuple[Values, str]:
    """`values[store, day]` filled after the past, and the rule by which; the past is as long as `traded`."""
    if name == "open":
        return _by_habit(values, traded), "open as on most of the same weekdays of eight weeks"
    if name in NONE_UNLESS_SAID:
        return np.nan_to_num(values), "none unless said"
    rule = "the store's mean of the last 28 days, if it has any; unknown from the first day that most stores lack"
    return _by_recent(values, traded.shape[1]), rule


def _by_habit(values: Values, traded: NDArray[np.bool_]) -> Values:
    past = traded.shape[1]
    seen = np.hstack([np.where(np.isnan(values[:, :past]), traded, values[:, :past]), values[:, past:]])
    for day in range(past, values.shape[1]):
        newest = day - 7 * -(-(day - past + 1) // 7)
        same = [seen[:, at] for at in range(newest, -1, -7)][:HABIT_WEEKS]
        habit = np.mean(same, axis=0) >= 0.5 if same else np.ones(len(values))  # noqa: PLR2004 - most
        seen[:, day] = np.where(np.isnan(values[:, day]), habit, values[:, day])
    return seen.astype(np.float32)


def _by_recent(values: Values, past: int) -> Values:
    recent = values[:, max(0, past - 28) : past]
    counted = np.isfinite(recent)
    mean = np.where(counted.any(1), np.where(counted, recent, 0).sum(1) / np.maximum(counted.sum(1), 1), np.nan)
    unknown: NDArray[Any] = np.isnan(values)
    unknown[:, :past] = False
    return np.where(unknown, mean[:, None], values).astype(np.float32)
