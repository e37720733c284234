"""Closings at a holiday, as the store and its chain kept the same holiday a year ago.

What opens a store is learned from its history. Of a year's history the trees have seen each holiday once, and none
whose year ago they knew, so that they cannot learn to look there: this rule does.
"""

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.signals.panel import Panel, Places, Rows

BESIDE = 4  # days before and after a holiday
WEEKS = 4  # before and after, that say whether the store opens on that weekday
MOST = 0.5
# A store that was closed will be again if it was no whim of its own: so much of the chain was closed too.
TOGETHER = 0.25
WEEK = 7


def expected(panel: Panel, rows: Rows) -> NDArray[np.bool_]:
    """By row: whether the store will be closed though it opens on that weekday."""
    then = _year_ago(panel)
    closed = np.zeros(len(rows.store), bool)
    for day in np.unique(rows.target):
        if then[day] >= 0:
            here = rows.target == day
            closed[here] = _kept(panel, int(then[day]))[rows.store[here]]
    return closed


def _year_ago(panel: Panel) -> Places:
    """Of each day beside a holiday the same day a year ago, -1 for others.

    Where the history begins later, the nearest day of the same run of customary days off stands for it.
    """
    holidays, days = panel.holidays, np.arange(panel.days)
    then: Places = np.where(np.abs(holidays.holiday_offset) <= BESIDE, days + holidays.year_ago_by_holiday, -1)
    then = np.where(then < panel.past, then, -1)
    run = np.cumsum(holidays.customary == 0) * (holidays.customary > 0)
    for day in np.flatnonzero((holidays.customary > 0) & (then < 0)):
        like = np.flatnonzero((run == run[day]) & (then >= 0))
        if len(like):
            then[day] = then[like[np.abs(like - day).argmin()]]
    return then


def _kept(panel: Panel, day: int) -> NDArray[np.bool_]:
    """Whether each store will keep the holiday that it or its chain kept on `day`."""
    around = np.array([day + 7 * week for week in range(-WEEKS, WEEKS + 1) if week])
    around = around[(around >= 0) & (around < panel.past)]
    known, traded = _known(panel), panel.traded[: panel.real]
    seen = known[:, around].sum(1)
    opens = (seen > 0) & (traded[:, around].sum(1) > MOST * seen)
    asked = known[:, day] & opens
    closed = asked & ~traded[:, day]
    share = closed.sum() / max(int(asked.sum()), 1)
    kept: NDArray[np.bool_] = (closed & (share >= TOGETHER)) | (~known[:, day] & (share > MOST))
    return kept


def _known(panel: Panel) -> NDArray[np.bool_]:
    """Of which days something is known; what begins in the history's first week was there before, and closed."""
    known = np.isfinite(panel.revenue[: panel.real])
    begin = known.argmax(1)
    found: NDArray[np.bool_] = known | ((np.arange(panel.past) < begin[:, None]) & (begin[:, None] <= WEEK))
    return found
