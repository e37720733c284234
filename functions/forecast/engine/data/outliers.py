"""Outliers: days that are no day's trade, such as a till that was down, become missing, with a correction each.

Method: distance from the median of earlier same weekdays, against a robust standard deviation (Hampel identifier).
"""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from functions.forecast.engine.arrays import Flags, Floats, Indices, log_of
from functions.forecast.engine.data.history import UNKNOWN, Correction, History
from functions.forecast.engine.holidays.holiday_calendar import holidays_of
from functions.forecast.engine.holidays.holiday_effects import near_holiday

WEEK, HABIT_WEEKS, LEAST_WEEKS = 7, 8, 4
SPREAD_DAYS = 56
# An outlier is beyond five times the habit or below a fifth of it, and beyond six of the store's deviations.
LEAST_DISTANCE, DEVIATIONS = float(np.log(5)), 6.0
MEDIAN_TO_DEVIATION = 0.6745  # the median absolute deviation of a normal distribution, in standard deviations
LONGEST_RUN = 2  # a longer run of such days is the store's new level


def without_outliers(history: History, country: str) -> History:
    """The history with outliers as missing days, and a correction `part_day` or `outlier` for each.

    Only earlier days of the store decide. Days beside a holiday are never outliers.
    """
    holidays = holidays_of(country, history.first_day, history.days)
    outliers = _outliers(log_of(history.revenue), near_holiday(holidays, 1, 1))
    if not outliers.any():
        return history
    corrections = [
        Correction(
            store=history.stores[store],
            day=history.first_day + timedelta(days=int(day)),
            reason="outlier" if outliers[store, day] > 0 else "part_day",
            was=f"{history.revenue[store, day]:g}",
            became=UNKNOWN,
        )
        for store, day in np.argwhere(outliers)
    ]
    revenue = np.where(outliers != 0, np.nan, history.revenue)
    return replace(history, revenue=revenue, corrections=(*history.corrections, *corrections))


def _outliers(log_revenue: Floats, near: Flags) -> Indices:
    """[store, day]: 1 far above the store's same weekdays, -1 far below, else 0; `near` is True beside a holiday."""
    stores, days = log_revenue.shape
    residuals = np.full((stores, days), np.nan)
    outliers = np.zeros((stores, days), int)
    run = np.zeros(stores, int)
    for day in range(WEEK * LEAST_WEEKS, days):
        earlier = [d for d in range(day - WEEK, day - WEEK * HABIT_WEEKS - 1, -WEEK) if d >= 0]
        residuals[:, day] = log_revenue[:, day] - _median(log_revenue[:, earlier])
        deviation = _median(np.abs(residuals[:, max(0, day - SPREAD_DAYS) : day])) / MEDIAN_TO_DEVIATION
        far = np.abs(residuals[:, day]) > np.maximum(LEAST_DISTANCE, DEVIATIONS * deviation)
        run = np.where(np.isnan(log_revenue[:, day]), run, np.where(far, run + 1, 0))
        outliers[:, day] = np.where(far & (run <= LONGEST_RUN) & ~near[day], np.sign(residuals[:, day]), 0)
    return outliers


def _median(values: Floats) -> Floats:
    """[store]: median of the finite values; NaN if there are fewer than four."""
    ordered = np.sort(values, axis=1)  # NaN comes last
    count = np.isfinite(values).sum(1)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    store = np.arange(len(values))
    middle = (ordered[store, low] + ordered[store, np.minimum(high, values.shape[1] - 1)]) / 2
    return np.where(count >= LEAST_WEEKS, middle, np.nan)
