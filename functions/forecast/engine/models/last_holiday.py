"""Last year's holiday: near a holiday, forecasts move halfway to the chain's sales at the same holiday one year before.

The history has each holiday once or twice, each time on one weekday. Trees learn that weekday with the holiday, and
miss the holiday on another one. The chain's mean of the day, against the levels before it, is the second forecast;
both have the same weight.
"""

from collections.abc import Callable

import numpy as np

from functions.forecast.engine.arrays import Floats, Indices, Values
from functions.forecast.engine.holidays.holiday_effects import STANDARD_ERRORS
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows

NEAR_DAYS = 2  # days from a holiday or an observance
SHARE = 0.5  # of the difference: both forecasts count the same
MOST_STORES = 200  # of a large chain, this many stores are enough for a mean
LEAST_STORES = 2


def holiday_shift(panel: Panel, rows: Rows, forecast: Callable[[FeatureTable], Values]) -> Values:
    """[row, model]: what is to be added to the log forecasts; 0 far from a holiday.

    `forecast` gives log forecasts [row, model] of a table. The shift of a day is the same for all stores. It is half
    of the mean difference, over the stores that traded on the day one year before. Only the excess over
    `STANDARD_ERRORS` counts.
    """
    near = np.abs(panel.holidays.holiday_offset[rows.target]) <= NEAR_DAYS
    days, day_of_row = np.unique(np.stack([rows.origin, rows.target])[:, near], axis=1, return_inverse=True)
    sample, day = _stores_of(panel, days)
    if not len(day):
        return np.zeros((len(near), 1), np.float32)
    table = FeatureTable(panel, sample)
    expected = forecast(table) - panel.baseline_forecast(sample)[:, None]
    difference = _change_one_year_before(panel, sample)[:, None] - expected
    spread = panel.baseline.spread[sample.store, sample.origin]
    shift_of_day = np.zeros((days.shape[1], expected.shape[1]), np.float32)
    for number in np.unique(day):
        shift_of_day[number] = SHARE * _certain_part(difference[day == number], spread[day == number])
    shift = np.zeros((len(near), expected.shape[1]), np.float32)
    shift[near] = shift_of_day[day_of_row.ravel()]
    return shift


def _stores_of(panel: Panel, days: Indices) -> tuple[Rows, Indices]:
    """Rows of the stores with data of one year before, and each row's column of `days`, which are origin and target."""
    stores = np.arange(0, panel.store_count, -(-panel.store_count // MOST_STORES))
    store, day = (index.ravel() for index in np.meshgrid(stores, np.arange(days.shape[1]), indexing="ij"))
    rows = Rows(store, days[0, day], days[1, day])
    usable = np.isfinite(panel.baseline.level[rows.store, rows.origin]) & (_year_before(panel, rows).origin >= 0)
    rows, day = rows.at(usable), day[usable]
    known = np.isfinite(_change_one_year_before(panel, rows))
    return rows.at(known), day[known]


def _year_before(panel: Panel, rows: Rows) -> Rows:
    """The same days beside the same holidays one year before."""
    shift = panel.holidays.year_ago_by_holiday[rows.target]
    return Rows(rows.store, rows.origin + shift, rows.target + shift)


def _change_one_year_before(panel: Panel, rows: Rows) -> Values:
    """By row: log revenue one year before, less weekday, promotion and the level of that time; NaN if unknown."""
    before = _year_before(panel, rows)
    change: Values = panel.comparable[before.store, before.target] - panel.baseline.level[before.store, before.origin]
    return change


def _certain_part(difference: Values, spread: Values) -> Floats:
    """[model]: the mean over stores, without `STANDARD_ERRORS` of it (soft thresholding)."""
    count = len(difference)
    if count < LEAST_STORES:
        return np.zeros(difference.shape[1])
    mean = difference.mean(0, dtype=float)
    # The differences of a few stores may agree by chance, so their usual errors are the least deviation.
    deviation = np.maximum(difference.std(0, ddof=1, dtype=float), np.median(spread))
    certain: Floats = np.sign(mean) * np.maximum(np.abs(mean) - STANDARD_ERRORS * deviation / np.sqrt(count), 0)
    return certain
