"""Days that were not a day's trade (a till that was down, a month booked on one) become unknown, with reasons."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.data.history import UNKNOWN, Correction, History
from functions.forecast.engine.holidays.holiday_calendar import holidays_of

Floats = NDArray[np.float64]
WEEK, HABIT_WEEKS, LEAST_SEEN = 7, 8, 4
SPREAD_DAYS = 56
# Beyond five times the habit or below a fifth of it, and beyond six of the store's usual deviations.
FAR, DEVIATIONS = float(np.log(5)), 6.0
# What goes on for longer is no slip but the store's new way.
MOST_IN_A_ROW = 2


def mended(history: History, country: str) -> History:
    """`part_day` and `outlier` become unknown; only a store's earlier days decide, and days at holidays are let be."""
    logs = np.log(history.revenue, out=np.full(history.revenue.shape, np.nan), where=history.revenue > 0)
    days = holidays_of(country, history.first_day, history.days)
    odd = _odd(logs, (days.since_holiday <= 1) | (days.until_holiday <= 1))
    if not odd.any():
        return history
    notes = [
        Correction(
            store=history.stores[store],
            day=history.first_day + timedelta(days=int(day)),
            reason="outlier" if odd[store, day] > 0 else "part_day",
            was=f"{history.revenue[store, day]:g}",
            became=UNKNOWN,
        )
        for store, day in np.argwhere(odd)
    ]
    revenue = np.where(odd != 0, np.nan, history.revenue)
    return replace(history, revenue=revenue, corrections=(*history.corrections, *notes))


def _odd(logs: Floats, holiday: NDArray[np.bool_]) -> NDArray[np.int64]:
    """[store, day]: 1 far above what the store's same weekdays brought, -1 far below, else 0."""
    stores, days = logs.shape
    beyond = np.full((stores, days), np.nan)
    found = np.zeros((stores, days), int)
    row = np.zeros(stores, int)
    for day in range(WEEK * LEAST_SEEN, days):
        habit = _median(logs[:, [at for at in range(day - WEEK, day - WEEK * HABIT_WEEKS - 1, -WEEK) if at >= 0]])
        beyond[:, day] = logs[:, day] - habit
        usual = _median(np.abs(beyond[:, max(0, day - SPREAD_DAYS) : day])) / 0.6745  # of a normal deviate
        far = np.abs(beyond[:, day]) > np.maximum(FAR, DEVIATIONS * usual)
        row = np.where(np.isnan(logs[:, day]), row, np.where(far, row + 1, 0))
        found[:, day] = np.where(far & (row <= MOST_IN_A_ROW) & ~holiday[day], np.sign(beyond[:, day]), 0)
    return found


def _median(values: Floats) -> Floats:
    """By row, of what is not NaN; NaN where there are fewer than four."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    count = np.isfinite(values).sum(1)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    at = np.arange(len(values))
    middle = (ordered[at, low] + ordered[at, np.minimum(high, values.shape[1] - 1)]) / 2
    return np.where(count >= LEAST_SEEN, middle, np.nan)
