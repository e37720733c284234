"""Imputation: the value of a missing future covariate, and the rule that a run reports."""

import numpy as np

from functions.forecast.engine.arrays import Flags, Values

NONE_IF_MISSING = ("promo", "school_holiday", "state_holiday")
HABIT_WEEKS, RECENT_DAYS = 8, 28
MAJORITY = 0.5


def impute(name: str, values: Values, traded: Flags) -> tuple[Values, str]:
    """`values[store, day]` with imputed future days, and the rule. The history is as long as `traded[store, day]`."""
    if name == "open":
        return _by_weekday_habit(values, traded), "open as on most of the same weekdays of eight weeks"
    if name in NONE_IF_MISSING:
        return np.nan_to_num(values), "none if not entered"
    rule = "the store's mean of the last 28 days, if it has any; unknown from the first day that most stores lack"
    return _by_recent_mean(values, traded.shape[1]), rule


def _by_weekday_habit(values: Values, traded: Flags) -> Values:
    past = traded.shape[1]
    history = np.where(np.isnan(values[:, :past]), traded, values[:, :past])
    complete = np.hstack([history, values[:, past:]])
    for day in range(past, values.shape[1]):
        newest = day - 7 * -(-(day - past + 1) // 7)
        same_weekdays = [complete[:, d] for d in range(newest, -1, -7)][:HABIT_WEEKS]
        habit = np.mean(same_weekdays, axis=0) >= MAJORITY if same_weekdays else np.ones(len(values))
        complete[:, day] = np.where(np.isnan(values[:, day]), habit, values[:, day])
    return complete.astype(np.float32)


def _by_recent_mean(values: Values, past: int) -> Values:
    recent = values[:, max(0, past - RECENT_DAYS) : past]
    finite = np.isfinite(recent)
    mean = np.where(finite.any(1), np.where(finite, recent, 0).sum(1) / np.maximum(finite.sum(1), 1), np.nan)
    missing: Flags = np.isnan(values)
    missing[:, :past] = False
    return np.where(missing, mean[:, None], values).astype(np.float32)
