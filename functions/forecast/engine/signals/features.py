"""Rows of store × origin × horizon: what was known on the evening of the origin about the day that is forecast."""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.signals.panel import Panel, Places, Rows, Values, running
from functions.forecast.engine.signals.week_regimes import WEEKS_AHEAD, Cycle

WINDOWS = (7, 14, 28, 56, 91, 182, 364)
YEAR = 364
WEEK, MONTH = 7, 31
LONG = 3  # days off together
BY_HEART, NEAR = ("easter_offset", "lunar_offset", "christmas_offset"), 8
# Days from the one that is forecast, of which a known column is looked at.
BESIDE, STRETCHES = {"": 0, "_before": -1, "_after": 1}, ((-7, -1), (0, 6), (-14, -8))
PAYDAY = 4  # days at either end of a month


class Table:
    """Named columns for rows of a panel."""

    def __init__(self, panel: Panel, rows: Rows) -> None:
        self.panel, self.rows = panel, rows
        self.level = panel.track.level[rows.store, rows.origin]
        self.columns: dict[str, NDArray[Any]] = {}
        for part in (self._day, self._opening, self._known, self._store, self._recent, self._year_ago, self._effects):
            part()

    @cached_property
    def matrix(self) -> Values:
        """[row, column] in the order of `names`."""
        return np.column_stack([np.asarray(column, np.float32) for column in self.columns.values()])

    @property
    def names(self) -> list[str]:
        return list(self.columns)

    def _day(self) -> None:
        panel, target, holidays = self.panel, self.rows.target, self.panel.holidays
        self.columns |= {
            "horizon": self.rows.horizon,
            "weekday": panel.weekday[target],
            "month_day": panel.month_day[target],
            "days_to_month_end": panel.days_to_month_end[target],
            "holiday_year_ago": panel.feast[target],
            "year_day": panel.year_day[target] if "promo" in panel.known else panel.year_day[target] // MONTH,
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
            self.columns[name] = getattr(holidays, name)[target]
        if "promo" not in panel.known:
            self._blur()
        for name, shift in (("off_before", -1), ("off_after", 1)):
            self.columns[name] = holidays.off[np.clip(target + shift, 0, panel.days - 1)]
            self.columns[name.replace("off", "regional")] = holidays.regional[
                np.clip(target + shift, 0, panel.days - 1)
            ]

    def _blur(self) -> None:
        """Where promotions are not known, dates far from a feast would be learned by heart for what a promotion did."""
        for name in BY_HEART:
            far = np.abs(self.columns[name]) > NEAR
            self.columns[name] = np.where(far, np.nan, self.columns[name])

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
        panel, rows = self.panel, self.rows
        for name, values in panel.known.items():
            if name == "open":
                continue
            sums = running(values)
            found = {f"{name}{suffix}": (at, self._beside(values, at)) for suffix, at in BESIDE.items()}
            found |= {f"{name}_{first}_{last}": (last, self._stretch(sums, first, last)) for first, last in STRETCHES}
            # What is told for ten days alone is not learned from beyond them: there a forecast has to do without.
            reach = panel.reach.get(name, panel.days)
            for column, (last, value) in found.items():
                self.columns[column] = np.where(rows.horizon + last <= reach, value, np.nan)

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
            statics = enumerate(panel.static_names)
            self.columns |= {f"store_{name}": panel.statics[rows.store, at] for at, name in statics}

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
        odd = rows.target + WEEK - 14 * -(-(rows.horizon + WEEK) // 14)
        for name, value in (
            ("own", self._at(panel.adjusted, odd) - self.level),
            ("chain", self._chain(odd, rows.origin)),
        ):
            self.columns[f"{name}_other_week"] = value
            even = self.columns["every_14" if name == "own" else "chain_every_14"]
            self.columns[f"{name}_week_contrast"] = even - value
        if panel.cycle is not None:
            self._weeks(panel.cycle)
        newest = panel.weekday_before(rows, 7)
        self.columns["chain_weekday_1"] = self._chain(newest, rows.origin)
        self.columns["chain_weekday_2"] = self._chain(newest - 7, rows.origin)

    def _weeks(self, cycle: Cycle) -> None:
        """Where promotions are not known, the weeks so far tell which week of a fortnight comes next."""
        panel, rows = self.panel, self.rows
        ahead = (rows.target - rows.origin + panel.weekday[rows.origin]) // 7
        this, last = panel.weeks[0, rows.origin], panel.weeks[1, rows.origin]
        self.columns |= {
            "cycle": panel.expected_promo(rows),
            "cycle_chance": cycle.chance[rows.origin, np.minimum(ahead, WEEKS_AHEAD - 1)],
            "cycle_now": panel.promo[rows.store, rows.origin],
            "weeks_ahead": ahead,
            **{f"chain_week_{ago}": panel.weeks[ago, rows.origin] for ago in range(len(panel.weeks))},
            "chain_week_like": np.where(ahead % 2 == 0, this, last),
            "chain_week_unlike": np.where(ahead % 2 == 0, last, this),
        }

    def _year_ago(self) -> None:
        panel, rows = self.panel, self.rows
        for name, ago in self._years_ago():
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

    def _years_ago(self) -> tuple[tuple[str, Places], ...]:
        """How far back from each day the same day a year ago lies, by weekday, holiday and date."""
        holidays = self.panel.holidays
        by_week = np.full(self.panel.days, -YEAR)
        return ("week", by_week), ("holiday", holidays.year_ago_by_holiday), ("date", holidays.year_ago_by_date)

    def _effects(self) -> None:
        """How the store took holidays, the days beside them, and days beside its own closing, so far."""
        panel, rows = self.panel, self.rows
        holidays = panel.holidays
        marks = {
            "public": np.broadcast_to(holidays.public, (len(panel.place), panel.days)),
            "before_public": np.broadcast_to(holidays.until_holiday == 1, (len(panel.place), panel.days)),
            "after_public": np.broadcast_to(holidays.since_holiday == 1, (len(panel.place), panel.days)),
            "long_weekend": np.broadcast_to(holidays.off_run >= LONG, (len(panel.place), panel.days)),
            "month_start": np.broadcast_to(panel.month_day <= PAYDAY, (len(panel.place), panel.days)),
            "month_end": np.broadcast_to(panel.days_to_month_end < PAYDAY, (len(panel.place), panel.days)),
        }
        if "school_holiday" in panel.known:
            marks["school_holiday"] = panel.known["school_holiday"] > 0
        if "open" in panel.known:
            closed = panel.known["open"] == 0
            marks["before_closed"] = np.hstack([closed[:, 1:], closed[:, -1:]])
            marks["after_closed"] = np.hstack([closed[:, :1], closed[:, :-1]])
        for name, mark in marks.items():
            counted = np.isfinite(panel.track.surprise) & (mark[:, : panel.past] > 0)
            sums, counts = running(np.where(counted, panel.track.surprise, np.nan))
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
