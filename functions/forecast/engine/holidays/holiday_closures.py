"""Holiday closures: stores that closed at a holiday one year before are expected to close again.

The opening model learns from history. One year of history has each holiday once, and never with the year before. So
the trees cannot learn to use last year's closures, and this rule does.
"""

import numpy as np

from functions.forecast.engine.arrays import Flags, Floats, Indices
from functions.forecast.engine.holidays.holiday_calendar import HolidayCalendar

NEAR_DAYS = 4  # days before and after a holiday to which the rule applies
WEEKS = 4  # before and after the holiday, from which the store's weekday habit is taken
MAJORITY = 0.5
# A closure counts only if this share of the chain was closed too. Otherwise it was the store's own decision.
CHAIN_SHARE = 0.25
WEEK = 7


def expected_closures(holidays: HolidayCalendar, revenue: Floats, store: Indices, target: Indices) -> Flags:
    """By row of `store` and `target` day: True if the store will be closed though it opens on that weekday.

    `revenue[store, day]` is 0 on a closed day and NaN where it is unknown.
    """
    day_before = _corresponding_days(holidays, revenue.shape[1])
    closed = np.zeros(len(store), bool)
    for day in np.unique(target):
        if day_before[day] >= 0:
            rows = target == day
            closed[rows] = _closed_again(revenue, int(day_before[day]))[store[rows]]
    return closed


def _corresponding_days(holidays: HolidayCalendar, history_days: int) -> Indices:
    """[day]: index of the same day beside the same holiday one year before, -1 if there is none in the history.

    If the history begins later, the nearest day of the same run of customary days off takes its place.
    """
    days = np.arange(len(holidays.off))
    near = np.abs(holidays.holiday_offset) <= NEAR_DAYS
    corresponding: Indices = np.where(near, days + holidays.year_ago_by_holiday, -1)
    corresponding = np.where(corresponding < history_days, corresponding, -1)
    customary = holidays.customary > 0
    run = np.cumsum(~customary) * customary
    for day in np.flatnonzero(customary & (corresponding < 0)):
        candidates = np.flatnonzero((run == run[day]) & (corresponding >= 0))
        if len(candidates):
            corresponding[day] = corresponding[candidates[np.abs(candidates - day).argmin()]]
    return corresponding


def _closed_again(revenue: Floats, day: int) -> Flags:
    """[store]: True if the store, or most of its chain if the store is new, was closed on `day`."""
    around = np.array([day + WEEK * week for week in range(-WEEKS, WEEKS + 1) if week])
    around = around[(around >= 0) & (around < revenue.shape[1])]
    observed, traded = _observed(revenue), np.nan_to_num(revenue) > 0
    weeks = observed[:, around].sum(1)
    opens_on_weekday = (weeks > 0) & (traded[:, around].sum(1) > MAJORITY * weeks)
    eligible = observed[:, day] & opens_on_weekday
    closed = eligible & ~traded[:, day]
    share = closed.sum() / max(int(eligible.sum()), 1)
    closes: Flags = (closed & (share >= CHAIN_SHARE)) | (~observed[:, day] & (share > MAJORITY))
    return closes


def _observed(revenue: Floats) -> Flags:
    """[store, day]: True if it is known whether the store was open.

    A store with its first row in the history's first week was there before, and closed.
    """
    observed = np.isfinite(revenue)
    begin = observed.argmax(1)
    before_begin = (np.arange(revenue.shape[1]) < begin[:, None]) & (begin[:, None] <= WEEK)
    flags: Flags = observed | before_begin
    return flags
