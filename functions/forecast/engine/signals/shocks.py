"""Shocks: days on which most of a chain sold far more or less than expected, and no holiday or plan explains it.

An earthquake, a heat wave or a strike does not come again a year later. So the features of one year ago leave these
days out. A shock is found in the chain's own one-step errors:

- at least three stores and half of the chain have an error, and three quarters of these have half of their median;
- the median error is above a quarter, and above five of its usual deviations in the eight weeks before;
- or four fifths of the stores that are usually open on the weekday were closed;
- no holiday is in the next seven or the last three days, and no observance beside; it is not Ramadan or a long weekend;
- most of the stores have no promotion, event or school holiday;
- one year before, within a week, the chain's error was less than half of it: a season comes again;
- the run of such days, with gaps of up to two days, has at most four weeks: a longer one is a new level.
"""

import numpy as np

from functions.forecast.engine.arrays import Flags, Floats, Indices, Values

LEAST_STORES, LEAST_SHARE, SIMILAR, CLOSED = 3, 0.5, 0.75, 0.8
LEAST_ERROR, DEVIATIONS = float(np.log(1.25)), 5.0
USUAL_DAYS, LEAST_DAYS = 56, 28
MEDIAN_TO_DEVIATION = 0.6745  # the median absolute deviation of a normal distribution, in standard deviations
YEAR, WEEK = 364, 7
HABIT_WEEKS, HABIT = 4, 3  # open on so many of the last four same weekdays
RECURS = 0.5
LONGEST_SHOCK, LONGEST_GAP = 28, 2


def shocks(one_step_errors: Values, traded: Flags, observed: Flags, excluded: Flags) -> Flags:
    """[day]: True on a shock. All inputs but `excluded[day]` are by [store, day].

    `one_step_errors` is NaN where a store was closed. `observed` is False where it is unknown whether it was open.
    """
    error = chain_error(one_step_errors)
    flags = _short_runs(_far(error) | _closed(traded, observed))
    return flags & ~excluded & ~_recurs(error, flags)


def chain_error(one_step_errors: Values) -> Floats:
    """[day]: median error of the chain; NaN if few stores have one. It is cut if the stores differ."""
    count = np.isfinite(one_step_errors).sum(0)
    median = np.full(one_step_errors.shape[1], np.nan)
    enough = (count >= LEAST_STORES) & (count >= LEAST_SHARE * len(one_step_errors))
    median[enough] = np.nanmedian(one_step_errors[:, enough], axis=0)
    half = median / 2
    similar = np.where(half < 0, one_step_errors <= half, one_step_errors >= half).sum(0)
    return np.where(similar >= SIMILAR * count, median, np.clip(median, -LEAST_ERROR, LEAST_ERROR))


def _far(error: Floats) -> Flags:
    """[day]: True if the error is far above its usual size on earlier days; shocks do not make later ones usual."""
    flags = np.zeros(len(error), bool)
    sizes = np.abs(error)
    for day in range(LEAST_DAYS, len(error)):
        earlier = np.arange(max(0, day - USUAL_DAYS), day)
        earlier_sizes = sizes[earlier[~flags[earlier] & np.isfinite(error[earlier])]]
        if len(earlier_sizes) >= LEAST_DAYS and np.isfinite(error[day]):
            deviation = float(np.median(earlier_sizes)) / MEDIAN_TO_DEVIATION
            flags[day] = sizes[day] > max(LEAST_ERROR, DEVIATIONS * deviation)
    return flags


def _closed(traded: Flags, observed: Flags) -> Flags:
    """[day]: True if most stores that are usually open on the weekday were closed."""
    days = traded.shape[1]
    habit = np.zeros(traded.shape, int)
    for weeks in range(1, HABIT_WEEKS + 1):
        habit[:, WEEK * weeks :] += traded[:, : max(0, days - WEEK * weeks)]
    usually_open = (habit >= HABIT) & observed
    count = usually_open.sum(0)
    closed = (usually_open & ~traded).sum(0)
    flags: Flags = (count >= LEAST_STORES) & (closed >= CLOSED * count)
    return flags


def _recurs(error: Floats, flags: Flags) -> Flags:
    """[day]: True for a flagged day whose error came before, within a week of the day one year before."""
    recurs = np.zeros(len(error), bool)
    for day in np.flatnonzero(flags & np.isfinite(error)):
        before = _year_before(int(day))
        same = error[before] * np.sign(error[day])
        recurs[day] = bool(len(before)) and bool(np.nanmax(np.append(same, 0)) >= RECURS * abs(error[day]))
    return recurs


def _year_before(day: int) -> Indices:
    days = np.arange(day - YEAR - WEEK, day - YEAR + WEEK + 1)
    return days[days >= 0]


def _short_runs(flags: Flags) -> Flags:
    """The flags without runs of more than `LONGEST_SHOCK` days."""
    days = np.flatnonzero(flags)
    short = flags.copy()
    for run in np.split(days, np.flatnonzero(np.diff(days) > LONGEST_GAP + 1) + 1):
        if len(run) and run[-1] - run[0] >= LONGEST_SHOCK:
            short[run] = False
    return short
