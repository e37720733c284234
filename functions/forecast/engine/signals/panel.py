"""History and calendar side by side, and sums over them that later days do not change."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.data.covariates import WEATHER, Calendar
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.imputation import fill
from functions.forecast.engine.holidays.holiday_calendar import HolidayCalendar, holidays_of
from functions.forecast.engine.signals.baseline import Track, track
from functions.forecast.engine.signals.week_regimes import Cycle, Turn, find

Values = NDArray[np.float32]
Places = NDArray[np.int64]
# Last year's feast counts as far as it stood out by so many standard errors, and so much of it is taken to come again.
SURE, AGAIN = 4.0, 0.7
SETTLED = 14  # days in which a store's level and profile are still being found: what surprises then is no feast
OWN_BESIDE = 1  # days from a holiday on which a store's own day a year ago tells more than its noise
WEEKS_BACK = 4
SHOPPING = 3  # days before a holiday that say nothing of the turn of the weeks


@dataclass(frozen=True)
class Rows:
    """Parallel arrays: place of the store, day of the origin and of the target, counted from the panel's first day."""

    store: Places
    origin: Places
    target: Places

    @property
    def horizon(self) -> Places:
        return self.target - self.origin


class Panel:
    """History and calendar side by side, and running sums over them; columns up to a day never see a later one.

    The calendar part reaches `horizon` days past the history. `copies` adds stores whose history begins late: (place
    of the store, day from which it is known).
    """

    def __init__(
        self, history: History, calendar: Calendar, horizon: int, copies: tuple[Places, Places] | None = None
    ) -> None:
        calendar = calendar.of(history.stores)
        self.stores = history.stores
        self.real = len(history.stores)
        self.first_day = history.first_day
        self.past = history.days
        self.days = history.days + horizon
        self.holidays: HolidayCalendar = holidays_of(calendar.country, history.first_day, self.days)
        dates = [history.first_day + timedelta(days=n) for n in range(self.days)]
        self.weekday = np.array([day.weekday() for day in dates])
        self.year_day = np.array([day.timetuple().tm_yday for day in dates], np.float32)
        self.month_day = np.array([day.day for day in dates], np.float32)
        self.days_to_month_end = np.array([monthrange(day.year, day.month)[1] - day.day for day in dates])
        place = np.arange(self.real) if copies is None else np.concatenate([np.arange(self.real), copies[0]])
        self.place = place
        self.revenue = history.revenue[place]
        if copies is not None:
            late = np.arange(self.past) < copies[1][:, None]
            self.revenue[self.real :][late] = np.nan
        self.traded = np.nan_to_num(self.revenue) > 0
        self.logs = np.log(self.revenue, out=np.full(self.revenue.shape, np.nan), where=self.traded).astype(np.float32)
        self.filled: dict[str, str] = {}
        self.reach: dict[str, int] = {}
        self.known = {
            name: self._told(name, calendar.column(name, history.first_day, self.days)) for name in calendar.known
        }
        self.statics = calendar.statics.to_numpy(np.float32)[place] if len(calendar.statics) else None
        self.static_names = tuple(calendar.statics.columns)
        self.cycle = None if "promo" in self.known else self._cycle()
        self.promo = self._promo()
        self.track: Track = track(self.logs, self.weekday[: self.past], self.promo[:, : self.past])
        self._sums()

    def _told(self, name: str, values: Values) -> Values:
        """What was said of each day, filled where nothing was; `filled` keeps which rule was used for how many days.

        `reach` keeps how many days ahead most stores are told a column that nobody knows for long, as weather.
        """
        if name.startswith(WEATHER):
            few = np.isfinite(values[: self.real, self.past :]).mean(0) < 0.5  # noqa: PLR2004 - most
            self.reach[name] = int(np.append(few, True).argmax())
        values = values[self.place]
        whole, rule = fill(name, values, self.traded)
        unknown = int(np.isnan(values[: self.real, self.past :]).sum())
        if unknown:
            self.filled[name] = f"{unknown} days: {rule}"
        return whole

    def _cycle(self) -> Cycle:
        holiday = (self.holidays.since_holiday <= 1) | (self.holidays.until_holiday <= SHOPPING)
        return find(self.logs[: self.real], self.weekday[: self.past], holiday)

    def _promo(self) -> Values:
        """[store, day]: 1 on promotion; where nobody tells of promotions, how far the day was one of a lifted week."""
        if self.cycle is None:
            return (self.known["promo"] > 0).astype(np.float32)
        lifted = np.zeros((len(self.place), self.days), np.float32)
        lifted[:, : self.past] = self.cycle.lifted
        return lifted

    def expected_promo(self, rows: Rows) -> Values:
        """The promotion of each row's target as far as it is known at the origin."""
        if self.cycle is None:
            told: Values = self.promo[rows.store, rows.target]
            return told
        return self.cycle.expected(rows.origin, rows.target, self.weekday)

    def turn(self, rows: Rows) -> Turn:
        """What each row's week may turn out to be."""
        if self.cycle is None:
            nothing = np.zeros(len(rows.store), np.float32)
            return Turn(nothing, nothing, nothing)
        return self.cycle.turn(rows.origin, rows.target, self.weekday, self.track.promo[rows.store, rows.origin])

    def index(self, day: date) -> int:
        return (day - self.first_day).days

    def _sums(self) -> None:
        weekday = self.weekday[: self.past]
        own = np.take_along_axis(self.track.profile, np.broadcast_to(weekday[None, :, None], (*self.logs.shape, 1)), 2)[
            ..., 0
        ]
        self.adjusted = self.logs - own - self.track.promo * self.promo[:, : self.past]
        self.flat_sum, self.flat_count = running(self.adjusted)
        self.surprise_sum, self.surprise_count = running(self.track.surprise)
        self.traded_sum = running(np.where(np.isnan(self.revenue), np.nan, self.traded))
        self.weekday_sum = _running_by_week(self.adjusted)
        self.open_sum = _running_by_week(np.where(np.isnan(self.revenue), np.nan, self.traded))
        self.chain = _pairs(self.adjusted[: self.real], self.track.level[: self.real])
        open_known = np.where(np.isnan(self.revenue[: self.real]), np.nan, self.traded[: self.real])
        self.chain_open = np.nan_to_num(
            np.nansum(open_known, 0) / np.maximum(np.isfinite(open_known).sum(0), 1)
        ).astype(np.float32)
        self.since_traded = _since(self.traded)
        self.weeks = _weeks(self.chain, self.weekday[: self.past])
        surprise = np.where(self.track.age > SETTLED, self.track.surprise, np.nan)
        self.feast = _feast(surprise[: self.real], self.track, self.holidays)
        self.own_feast = _own_feast(surprise, self.track, self.holidays, self.feast)

    def base(self, rows: Rows) -> Values:
        """The forecast's logarithm by level, weekday and promotion; the models learn what is beyond."""
        profile = self.track.profile[rows.store, rows.origin, self.weekday[rows.target]]
        uplift = self.track.promo[rows.store, rows.origin] * self.expected_promo(rows)
        base: Values = self.track.level[rows.store, rows.origin] + profile + uplift
        return base

    def feasts(self, rows: Rows) -> Values:
        """What last year's feast, the chain's and the store's own, says is beyond the base."""
        found: Values = self.feast[rows.target] + self.own_feast[rows.store, rows.target]
        return found

    def weekday_before(self, rows: Rows, step: int) -> Places:
        """The newest day not after the origin that is a multiple of `step` days before the target."""
        return rows.target - step * -(-rows.horizon // step)


def _weeks(chain: Values, weekday: Places) -> Values:
    """[week ago, origin]: the chain's mean over this calendar week so far, the last, and the two before."""
    origin = np.arange(len(weekday))
    days = (origin - weekday)[None, :, None] - 7 * np.arange(WEEKS_BACK)[:, None, None] + np.arange(7)
    there = (days >= 0) & (days <= origin[None, :, None])
    found = np.where(there, chain[np.where(there, days, 0), origin[None, :, None]], np.nan)
    seen = np.isfinite(found)
    mean = np.where(seen, found, 0).sum(2) / np.maximum(seen.sum(2), 1)
    return np.where(seen.any(2), mean, np.nan).astype(np.float32)


def _feast(surprise: Values, tracked: Track, holidays: HolidayCalendar) -> Values:
    """By day: what the chain's day at the same place beside the same holiday brought a year ago, if beyond noise."""
    count = np.isfinite(surprise).sum(0)
    mean = np.nansum(surprise, 0) / np.maximum(count, 1)
    noise = SURE * np.nanmedian(tracked.spread[: len(surprise)], 0) / np.sqrt(np.maximum(count, 1))
    beyond = np.sign(mean) * np.maximum(np.abs(mean) - noise, 0)
    then = _feast_year_ago(holidays)
    return np.where(then >= 0, AGAIN * beyond[np.maximum(then, 0)], 0).astype(np.float32)


def _own_feast(surprise: Values, tracked: Track, holidays: HolidayCalendar, feast: Values) -> Values:
    """By store and day: what the store itself brought then beyond its chain's feast, the more the less it is noise."""
    then = _feast_year_ago(holidays)
    close = np.flatnonzero((np.abs(holidays.holiday_offset) <= OWN_BESIDE) & (then >= 0))
    own = np.nan_to_num(surprise[:, then[close]] - feast[close] / AGAIN)
    noise = tracked.spread[:, then[close]]
    found = np.zeros((len(surprise), len(holidays.off)), np.float32)
    found[:, close] = AGAIN * own**3 / (own**2 + noise**2)
    return found


def _feast_year_ago(holidays: HolidayCalendar) -> Places:
    """Of each day beside a holiday the same day a year ago; -1 for others, and before the history."""
    then = np.arange(len(holidays.off)) + holidays.year_ago_by_holiday
    return np.where(np.isfinite(holidays.holiday_offset), np.maximum(then, -1), -1)


def running(values: NDArray[Any]) -> tuple[Values, Values]:
    """Sum and count of what is not NaN, up to each day, with a zero in front."""
    seen = np.isfinite(values)
    sums = np.cumsum(np.where(seen, values, 0), axis=1, dtype=np.float64)
    front = np.zeros((len(values), 1))
    return (
        np.hstack([front, sums]).astype(np.float32),
        np.hstack([front, np.cumsum(seen, axis=1)]).astype(np.float32),
    )


def _running_by_week(values: NDArray[Any]) -> tuple[Values, Values]:
    """As `_running`, over days of the same weekday: entry d + 7 has d, a week before d, and so on."""
    seen = np.isfinite(values)
    sums, counts = (np.zeros((len(values), values.shape[1] + 7), np.float32) for _ in range(2))
    for day in range(values.shape[1]):
        sums[:, day + 7] = sums[:, day] + np.where(seen[:, day], values[:, day], 0)
        counts[:, day + 7] = counts[:, day] + seen[:, day]
    return sums, counts


def _pairs(values: Values, levels: Values) -> Values:
    """[day, origin]: the chain's mean of a day's value against each store's level at the origin."""
    seen, begun = np.isfinite(values).astype(np.float32), np.isfinite(levels).astype(np.float32)
    count = seen.T @ begun
    total = np.nan_to_num(values).T @ begun - seen.T @ np.nan_to_num(levels)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _since(marks: NDArray[np.bool_]) -> Values:
    days = np.arange(marks.shape[1])
    last = np.maximum.accumulate(np.where(marks, days, -1), axis=1)
    return np.where(last < 0, np.nan, days - last).astype(np.float32)
