"""Rows of store × origin × horizon: what was known on the evening of the origin about the day that is forecast."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.forecast.calendars import Calendar, Days, days_of
from functions.forecast.history import History
from functions.forecast.tracking import Track, track

Values = NDArray[np.float32]
Places = NDArray[np.int64]
WINDOWS = (7, 14, 28, 56, 91, 182, 364)
YEAR = 364
WEEK = 7
LONG = 3  # days off together
PAYDAY = 4  # days at either end of a month


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
        self.country: Days = days_of(calendar.country, history.first_day, self.days)
        dates = [history.first_day + timedelta(days=n) for n in range(self.days)]
        self.weekday = np.array([day.weekday() for day in dates])
        self.month_day = np.array([day.day for day in dates], np.float32)
        self.days_to_month_end = (
            np.array([((day + timedelta(days=31)).replace(day=1) - timedelta(days=1) - day).days for day in dates]) % 31
        )
        self.year_day = np.array([day.timetuple().tm_yday for day in dates], np.float32)
        place = np.arange(self.real) if copies is None else np.concatenate([np.arange(self.real), copies[0]])
        self.place = place
        self.revenue = history.revenue[place]
        if copies is not None:
            late = np.arange(self.past) < copies[1][:, None]
            self.revenue[self.real :][late] = np.nan
        self.traded = np.nan_to_num(self.revenue) > 0
        self.logs = np.log(self.revenue, out=np.full(self.revenue.shape, np.nan), where=self.traded).astype(np.float32)
        self.known = {name: calendar.column(name, history.first_day, self.days)[place] for name in calendar.known}
        self.statics = calendar.statics.to_numpy(np.float32)[place] if len(calendar.statics) else None
        self.static_names = tuple(calendar.statics.columns)
        self.promo = np.nan_to_num(self.known.get("promo", np.zeros((len(place), self.days), np.float32)))
        self.track: Track = track(
            self.logs, self.weekday[: self.past], (self.promo[:, : self.past] > 0).astype(np.float32)
        )
        self._sums()

    def index(self, day: date) -> int:
        return (day - self.first_day).days

    def _sums(self) -> None:
        weekday = self.weekday[: self.past]
        own = np.take_along_axis(self.track.profile, np.broadcast_to(weekday[None, :, None], (*self.logs.shape, 1)), 2)[
            ..., 0
        ]
        self.adjusted = self.logs - own - self.track.promo * (self.promo[:, : self.past] > 0)
        self.flat_sum, self.flat_count = _running(self.adjusted)
        self.surprise_sum, self.surprise_count = _running(self.track.surprise)
        self.traded_sum = _running(np.where(np.isnan(self.revenue), np.nan, self.traded))
        self.weekday_sum = _running_by_week(self.adjusted)
        self.open_sum = _running_by_week(np.where(np.isnan(self.revenue), np.nan, self.traded))
        self.chain = _pairs(self.adjusted[: self.real], self.track.level[: self.real])
        open_known = np.where(np.isnan(self.revenue[: self.real]), np.nan, self.traded[: self.real])
        self.chain_open = np.nan_to_num(
            np.nansum(open_known, 0) / np.maximum(np.isfinite(open_known).sum(0), 1)
        ).astype(np.float32)
        self.since_traded = _since(self.traded)

    def base(self, rows: Rows) -> Values:
        """The forecast's logarithm from level, weekday and promotion alone; the models learn what is beyond it."""
        profile = self.track.profile[rows.store, rows.origin, self.weekday[rows.target]]
        on_promo = self.promo[rows.store, rows.target] > 0
        uplift = self.track.promo[rows.store, rows.origin] * on_promo
        base: Values = self.track.level[rows.store, rows.origin] + profile + uplift
        return base

    def weekday_before(self, rows: Rows, step: int) -> Places:
        """The newest day not after the origin that is a multiple of `step` days before the target."""
        return rows.target - step * -(-rows.horizon // step)


def _running(values: NDArray[Any]) -> tuple[Values, Values]:
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


class Table:
    """Named columns for rows of a panel."""

    def __init__(self, panel: Panel, rows: Rows) -> None:
        self.panel, self.rows = panel, rows
        self.level = panel.track.level[rows.store, rows.origin]
        self.columns: dict[str, NDArray[Any]] = {}
        for part in (self._day, self._opening, self._known, self._store, self._recent, self._year_ago, self._effects):
            part()

    def matrix(self) -> Values:
        return np.column_stack([np.asarray(column, np.float32) for column in self.columns.values()])

    @property
    def names(self) -> list[str]:
        return list(self.columns)

    def _day(self) -> None:
        panel, target, country = self.panel, self.rows.target, self.panel.country
        self.columns |= {
            "horizon": self.rows.horizon,
            "weekday": panel.weekday[target],
            "month_day": panel.month_day[target],
            "days_to_month_end": panel.days_to_month_end[target],
            "year_day": panel.year_day[target],
        }
        for name in (
            "public",
            "regional",
            "off",
            "off_run",
            "off_place",
            "since_holiday",
            "until_holiday",
            "holiday_offset",
            "holiday_code",
            "easter_offset",
            "lunar_offset",
            "christmas_offset",
        ):
            self.columns[name] = getattr(country, name)[target]
        for name, shift in (("off_before", -1), ("off_after", 1)):
            self.columns[name] = country.off[np.clip(target + shift, 0, panel.days - 1)]
            self.columns[name.replace("off", "regional")] = country.regional[np.clip(target + shift, 0, panel.days - 1)]

    def _opening(self) -> None:
        panel, rows = self.panel, self.rows
        for weeks in (4, 26):
            self.columns[f"open_weekday_{weeks}"] = self._weekday_mean(panel.open_sum, weeks)
        self.columns["open_28"] = self._window_mean(panel.traded_sum, 28)
        self.columns["closed_for"] = panel.since_traded[rows.store, rows.origin]
        if "open" not in panel.known:
            return
        opened = panel.known["open"]
        around = [self._beside(opened, shift) for shift in range(-3, 4)]
        self.columns |= {
            "open_day_before": around[2],
            "open_day_after": around[4],
            "open_2_before": around[1],
            "open_2_after": around[5],
            "open_days_around": np.sum(around, axis=0),
        }

    def _beside(self, values: Values, shift: int) -> Values:
        at = np.clip(self.rows.target + shift, 0, self.panel.days - 1)
        found: Values = values[self.rows.store, at]
        return found

    def _known(self) -> None:
        for name, values in self.panel.known.items():
            if name == "open":
                continue
            self.columns[name] = self._beside(values, 0)
            self.columns[f"{name}_before"] = self._beside(values, -1)
            self.columns[f"{name}_after"] = self._beside(values, 1)
            running = _running(values)
            for begin, end in ((-7, -1), (0, 6), (-14, -8)):
                self.columns[f"{name}_{begin}_{end}"] = self._stretch(running, begin, end)

    def _stretch(self, running: tuple[Values, Values], begin: int, end: int) -> Values:
        sums, counts = running
        low = np.clip(self.rows.target + begin, 0, self.panel.days)
        high = np.clip(self.rows.target + end + 1, 0, self.panel.days)
        store = self.rows.store
        return _divide(sums[store, high] - sums[store, low], counts[store, high] - counts[store, low])

    def _store(self) -> None:
        panel, rows = self.panel, self.rows
        tracked = panel.track
        self.columns |= {
            "level": self.level,
            "spread": tracked.spread[rows.store, rows.origin],
            "age": np.minimum(tracked.age[rows.store, rows.origin], 365),
            "profile": tracked.profile[rows.store, rows.origin, panel.weekday[rows.target]],
            "profile_saturday": tracked.profile[rows.store, rows.origin, 5],
            "profile_sunday": tracked.profile[rows.store, rows.origin, 6],
            "profile_monday": tracked.profile[rows.store, rows.origin, 0],
            "profile_friday": tracked.profile[rows.store, rows.origin, 4],
            "promo_effect": tracked.promo[rows.store, rows.origin],
        }
        if panel.statics is not None:
            self.columns |= {name: panel.statics[rows.store, at] for at, name in enumerate(panel.static_names)}

    def _recent(self) -> None:
        panel, rows = self.panel, self.rows
        for days in WINDOWS:
            self.columns[f"level_{days}"] = self._window_mean((panel.flat_sum, panel.flat_count), days) - self.level
        for days in (7, 28):
            self.columns[f"surprise_{days}"] = self._window_mean((panel.surprise_sum, panel.surprise_count), days)
        for weeks in (1, 2, 4, 8):
            self.columns[f"weekday_{weeks}"] = self._weekday_mean(panel.weekday_sum, weeks) - self.level
        for step, count in ((14, 4), (28, 2)):
            newest = panel.weekday_before(rows, step)
            lags = [newest - step * n for n in range(count)]
            own = np.stack([self._at(panel.adjusted, lag) for lag in lags]) - self.level
            chain = np.stack([self._chain(lag, rows.origin) for lag in lags])
            self.columns[f"every_{step}"] = own[0]
            self.columns[f"chain_every_{step}"] = chain[0]
            self.columns[f"every_{step}_mean"] = _mean(own)
            self.columns[f"chain_every_{step}_mean"] = _mean(chain)
        newest = panel.weekday_before(rows, 7)
        self.columns["chain_weekday_1"] = self._chain(newest, rows.origin)
        self.columns["chain_weekday_2"] = self._chain(newest - 7, rows.origin)

    def _year_ago(self) -> None:
        panel, rows = self.panel, self.rows
        country = panel.country
        for name, ago in (
            ("week", np.full(panel.days, -YEAR)),
            ("holiday", country.year_ago_by_holiday),
            ("date", country.year_ago_by_date),
        ):
            then = rows.target + ago[rows.target]
            origin = then - rows.horizon
            self.columns[f"year_ago_{name}"] = self._at(panel.adjusted, then) - self._at(panel.track.level, origin)
            self.columns[f"year_ago_{name}_chain"] = self._chain(then, origin)
            self.columns[f"year_ago_{name}_open"] = self._at(panel.traded, then)
            self.columns[f"year_ago_{name}_chain_open"] = panel.chain_open[np.maximum(then, 0)] + np.where(
                then < 0, np.nan, 0
            )
        then = rows.target - YEAR
        self.columns["season"] = self._spell(then, 7) - self._at(panel.track.level, then - rows.horizon)
        around = [self._chain(then + shift, then - rows.horizon) for shift in range(-7, 8)]
        self.columns["season_chain"] = _mean(np.stack(around))
        self.columns["growth"] = self.level - self._at(panel.track.level, rows.origin - YEAR)

    def _effects(self) -> None:
        """How the store took holidays, the days beside them, and days beside its own closing, so far."""
        panel, rows = self.panel, self.rows
        country = panel.country
        marks = {
            "public": np.broadcast_to(country.public, (len(panel.place), panel.days)),
            "before_public": np.broadcast_to(country.until_holiday == 1, (len(panel.place), panel.days)),
            "after_public": np.broadcast_to(country.since_holiday == 1, (len(panel.place), panel.days)),
            "long_weekend": np.broadcast_to(country.off_run >= LONG, (len(panel.place), panel.days)),
            "month_start": np.broadcast_to(panel.month_day <= PAYDAY, (len(panel.place), panel.days)),
            "month_end": np.broadcast_to(panel.days_to_month_end < PAYDAY, (len(panel.place), panel.days)),
        }
        if "school_holiday" in panel.known:
            marks["school_holiday"] = np.nan_to_num(panel.known["school_holiday"]) > 0
        if "open" in panel.known:
            closed = panel.known["open"] == 0
            marks["before_closed"] = np.hstack([closed[:, 1:], closed[:, -1:]])
            marks["after_closed"] = np.hstack([closed[:, :1], closed[:, :-1]])
        for name, mark in marks.items():
            counted = np.isfinite(panel.track.surprise) & (mark[:, : panel.past] > 0)
            sums, counts = _running(np.where(counted, panel.track.surprise, np.nan))
            at = rows.origin + 1
            effect = sums[rows.store, at] / (counts[rows.store, at] + 3)
            self.columns[f"effect_{name}"] = np.where(mark[rows.store, rows.target] > 0, effect, 0)

    def _at(self, values: NDArray[Any], day: Places) -> Values:
        inside = (day >= 0) & (day < self.panel.past)
        return np.where(inside, values[self.rows.store, np.where(inside, day, 0)], np.nan)

    def _chain(self, day: Places, origin: Places) -> Values:
        inside = (day >= 0) & (origin >= 0)
        return np.where(inside, self.panel.chain[np.where(inside, day, 0), np.where(inside, origin, 0)], np.nan)

    def _window_mean(self, running: tuple[Values, Values], days: int) -> Values:
        """Over the `days` that end with the origin."""
        sums, counts = running
        end, begin = self.rows.origin + 1, np.maximum(self.rows.origin + 1 - days, 0)
        store = self.rows.store
        return _divide(sums[store, end] - sums[store, begin], counts[store, end] - counts[store, begin])

    def _weekday_mean(self, running: tuple[Values, Values], weeks: int) -> Values:
        """Over the newest `weeks` days up to the origin that have the target's weekday."""
        sums, counts = running
        end = self.panel.weekday_before(self.rows, 7) + 7
        begin = np.where(end - 7 * weeks >= 0, end - 7 * weeks, end % 7)
        store = self.rows.store
        return _divide(sums[store, end] - sums[store, begin], counts[store, end] - counts[store, begin])

    def _spell(self, day: Places, most: int) -> Values:
        """Mean over the days from `most` before to `most` after `day`."""
        sums, counts = self.panel.flat_sum, self.panel.flat_count
        begin, end = np.clip(day - most, 0, self.panel.past), np.clip(day + most + 1, 0, self.panel.past)
        store = self.rows.store
        return _divide(sums[store, end] - sums[store, begin], counts[store, end] - counts[store, begin])


def _divide(total: NDArray[Any], count: NDArray[Any]) -> Values:
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _mean(stacked: NDArray[Any]) -> Values:
    seen = np.isfinite(stacked)
    return _divide(np.where(seen, stacked, 0).sum(0), seen.sum(0))
