"""Holiday effects: the change of log revenue at a holiday, learned from the same day beside it one year before.

Everything about days near a holiday is here: the effect of a chain and of a store, and the marks for features. So are
the days that other signals leave out, and how often the history has a day.
"""

import numpy as np

from functions.forecast.engine.arrays import Flags, Indices, Values
from functions.forecast.engine.holidays.holiday_calendar import HolidayCalendar

# The part of last year's effect above this many standard errors counts, and this share of it is expected again.
STANDARD_ERRORS, RECURRENCE = 4.0, 0.7
OBSERVANCE_DEVIATIONS = 2.0  # an error that noise exceeds once in twenty days
STORE_DAYS = 1  # days from a holiday on which the store's own effect of last year says more than its noise
LONG_WEEKEND = 3  # days off in a row
WEEK_BEFORE, DAYS_AFTER = 7, 3


def near_holiday(holidays: HolidayCalendar, before: int, after: int) -> Flags:
    """[day]: True up to `before` days before and up to `after` days after a holiday or an observance, and on it."""
    beside_public = (holidays.since_holiday <= after) | (holidays.until_holiday <= before)
    near: Flags = beside_public | ((holidays.holiday_offset >= -before) & (holidays.holiday_offset <= after))
    return near


def explained_by_holidays(holidays: HolidayCalendar) -> Flags:
    """[day]: True on a day whose sales a holiday can explain: from a week before to three days after, long weekends."""
    explained = near_holiday(holidays, WEEK_BEFORE, DAYS_AFTER) | (holidays.off_run >= LONG_WEEKEND)
    return explained if holidays.ramadan_day is None else explained | (holidays.ramadan_day > 0)


def holiday_marks(holidays: HolidayCalendar) -> dict[str, Flags]:
    """[day] by kind of day: days whose mean one-step error is a feature."""
    return {
        "public": holidays.public > 0,
        "before_public": holidays.until_holiday == 1,
        "after_public": holidays.since_holiday == 1,
        "long_weekend": holidays.off_run >= LONG_WEEKEND,
    }


def year_before(holidays: HolidayCalendar) -> Indices:
    """[day]: index of the day at the same distance from the same holiday one year before.

    It is -1 for days that are not beside a holiday, and for days before the first one.
    """
    day = np.arange(len(holidays.off)) + holidays.year_ago_by_holiday
    return np.where(np.isfinite(holidays.holiday_offset), np.maximum(day, -1), -1)


def chain_effect(one_step_errors: Values, spread: Values, holidays: HolidayCalendar) -> Values:
    """[day]: the chain's holiday effect, from its mean one-step error on the day one year before.

    `one_step_errors[store, day]` is NaN where a store was closed; `spread[store, day]` is the error's usual size. Only
    the excess over `STANDARD_ERRORS` counts (soft thresholding).
    """
    count = np.isfinite(one_step_errors).sum(0)
    mean = np.nansum(one_step_errors, 0) / np.maximum(count, 1)
    noise = STANDARD_ERRORS * np.nanmedian(spread, 0) / np.sqrt(np.maximum(count, 1))
    excess = np.sign(mean) * np.maximum(np.abs(mean) - noise, 0)
    day = year_before(holidays)
    return np.where(day >= 0, RECURRENCE * excess[np.maximum(day, 0)], 0).astype(np.float32)


def store_effect(one_step_errors: Values, spread: Values, holidays: HolidayCalendar, chain: Values) -> Values:
    """[store, day]: the store's own effect on top of the `chain` effect, shrunk by the store's noise.

    Most stores have no effect of their own on an observance. There only the excess over twice the noise counts.
    """
    day = year_before(holidays)
    close = np.flatnonzero((np.abs(holidays.holiday_offset) <= STORE_DAYS) & (day >= 0))
    own = np.nan_to_num(one_step_errors[:, day[close]] - chain[close] / RECURRENCE)
    noise = spread[:, day[close]]
    beyond_chance = np.sign(own) * np.maximum(np.abs(own) - OBSERVANCE_DEVIATIONS * noise, 0)
    own = np.where(holidays.observance[close], beyond_chance, own)
    effect = np.zeros((len(one_step_errors), len(holidays.off)), np.float32)
    effect[:, close] = RECURRENCE * own**3 / (own**2 + noise**2)
    return effect


def planned_event_effect(one_step_errors: Values, spread: Values, year_ago: Values) -> Values:
    """[store, day]: the effect of an event that was held one year before, shrunk by the store's noise.

    `year_ago[store, day]` is the number of days, negative, to the same day of the earlier event; 0 on other days.
    """
    effect = np.zeros(year_ago.shape, np.float32)
    store, day = np.nonzero(year_ago)
    before = day + year_ago[store, day].astype(int)
    within = (before >= 0) & (before < one_step_errors.shape[1])
    store, day, before = store[within], day[within], before[within]
    own, noise = np.nan_to_num(one_step_errors[store, before]), spread[store, before]
    effect[store, day] = RECURRENCE * own**3 / np.maximum(own**2 + noise**2, 1e-9)
    return effect


def times_observed(holidays: HolidayCalendar, has_data: Flags, day: int) -> int:
    """How many days of the history lie at the same distance from the same holiday as `day`.

    `has_data[day]` is True for a day of the history with revenue, or with closed stores.
    """
    past = len(has_data)
    same_holiday = holidays.holiday_code[:past] == holidays.holiday_code[day]
    same_distance = holidays.holiday_offset[:past] == holidays.holiday_offset[day]
    return int((same_holiday & same_distance & has_data).sum())
