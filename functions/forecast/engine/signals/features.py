"""Features: one row a store × origin × target day, with columns that are known at the end of the origin.

docs/develop/forecast-method.md lists the definition of each column. A test computes each one in SQL.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.arrays import Array, Indices, Values, finite_mean, ratio
from functions.forecast.engine.data.covariates import EVENT_YEAR_AGO
from functions.forecast.engine.holidays.holiday_effects import holiday_marks
from functions.forecast.engine.signals.panel import Panel, Rows
from functions.forecast.engine.signals.running_sums import running_sums
from functions.forecast.engine.signals.week_regimes import WeekRegimes

LEVEL_DAYS = (7, 14, 28, 56, 91, 182, 364)
YEAR = 364  # days; a multiple of 7
WEEK, MONTH, FORTNIGHT = 7, 31, 14
HOLIDAY_COLUMNS = (
    *("public", "regional", "off", "off_run", "off_index", "since_holiday", "until_holiday"),
    *("holiday_offset", "holiday_code", "easter_offset", "lunar_offset", "christmas_offset"),
)
# If promotions are unknown, trees would learn single dates by heart in place of the promotions on them.
BLURRED, BLURRED_BEYOND = ("easter_offset", "lunar_offset", "christmas_offset"), 8
# Days from the target, of which a covariate is a column: single days, and means over a range.
DAYS_BESIDE, RANGES = {"": 0, "_before": -1, "_after": 1}, ((-7, -1), (0, 6), (-14, -8))
MONTH_EDGE = 4  # days at either end of a month
EFFECT_SHRINKAGE = 3  # days with effect 0 that are added to the days of a kind
MOST_AGE = 365


class FeatureTable:
    """Named columns, each with one value a row of `rows`."""

    def __init__(self, panel: Panel, rows: Rows) -> None:
        self.panel, self.rows = panel, rows
        self.level = panel.baseline.level[rows.store, rows.origin]
        self.columns: dict[str, Array] = {}
        self._add_dates()
        self._add_openings()
        self._add_covariates()
        self._add_baseline()
        self._add_recent()
        self._add_year_ago()
        self._add_effects()

    @cached_property
    def matrix(self) -> Values:
        """[row, column] in the order of `names`."""
        return np.column_stack([np.asarray(column, np.float32) for column in self.columns.values()])

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.columns)

    def _add_dates(self) -> None:
        panel, target, holidays = self.panel, self.rows.target, self.panel.holidays
        promotions_known = "promo" in panel.covariates
        self.columns |= {
            "horizon": self.rows.horizon,
            "weekday": panel.weekday[target],
            "month_day": panel.month_day[target],
            "days_to_month_end": panel.days_to_month_end[target],
            "holiday_year_ago": panel.chain_holiday_effect[target],
            "year_day": panel.year_day[target] if promotions_known else panel.year_day[target] // MONTH,
            **{name: getattr(holidays, name)[target] for name in HOLIDAY_COLUMNS},
        }
        if holidays.ramadan_day is not None:
            self.columns["ramadan_day"] = holidays.ramadan_day[target]
        for name in () if promotions_known else BLURRED:
            far = np.abs(self.columns[name]) > BLURRED_BEYOND
            self.columns[name] = np.where(far, np.nan, self.columns[name])
        for suffix, shift in (("before", -1), ("after", 1)):
            day = np.clip(target + shift, 0, panel.days - 1)
            self.columns[f"off_{suffix}"] = holidays.off[day]
            self.columns[f"regional_{suffix}"] = holidays.regional[day]

    def _add_openings(self) -> None:
        panel, rows = self.panel, self.rows
        for weeks in (4, 26):
            self.columns[f"open_weekday_{weeks}"] = self._weekday_mean(panel.open_sums_by_weekday, weeks)
        self.columns["open_28"] = self._trailing_mean(panel.open_sums, 28)
        self.columns["days_since_open"] = panel.days_since_open[rows.store, rows.origin]
        if "open" not in panel.covariates:
            return
        around = {shift: self._beside(panel.covariates["open"], shift) for shift in range(-3, 4)}
        self.columns |= {
            "open_day_before": around[-1],
            "open_day_after": around[1],
            "open_2_before": around[-2],
            "open_2_after": around[2],
            "open_days_around": np.sum(list(around.values()), axis=0),
        }

    def _add_covariates(self) -> None:
        panel, rows = self.panel, self.rows
        for name, values in panel.covariates.items():
            if name in ("open", EVENT_YEAR_AGO):
                continue
            sums = running_sums(values)
            columns = {f"{name}{suffix}": (shift, self._beside(values, shift)) for suffix, shift in DAYS_BESIDE.items()}
            columns |= {
                f"{name}_{first}_{last}": (last, self._mean_around(sums, first, last)) for first, last in RANGES
            }
            # Weather that is known ten days ahead is a column for these ten days alone.
            most = panel.days_ahead.get(name, panel.days)
            for column, (last, value) in columns.items():
                self.columns[column] = np.where(rows.horizon + last <= most, value, np.nan)

        if EVENT_YEAR_AGO in panel.covariates:
            self.columns["event_effect"] = panel.event_effect[rows.store, rows.target]

    def _beside(self, values: Values, shift: int) -> Values:
        day = np.clip(self.rows.target + shift, 0, self.panel.days - 1)
        beside: Values = values[self.rows.store, day]
        return beside

    def _mean_around(self, running: tuple[Values, Values], first: int, last: int) -> Values:
        """Mean from `first` to `last` days from the target."""
        begin = np.clip(self.rows.target + first, 0, self.panel.days)
        end = np.clip(self.rows.target + last + 1, 0, self.panel.days)
        return self._mean_between(running, begin, end)

    def _add_baseline(self) -> None:
        panel, baseline, at = self.panel, self.panel.baseline, (self.rows.store, self.rows.origin)
        self.columns |= {
            "level": self.level,
            "spread": baseline.spread[at],
            "age": np.minimum(baseline.age[at], MOST_AGE),
            "profile": baseline.profile[(*at, panel.weekday[self.rows.target])],
            "profile_saturday": baseline.profile[(*at, 5)],
            "profile_sunday": baseline.profile[(*at, 6)],
            "profile_monday": baseline.profile[(*at, 0)],
            "profile_friday": baseline.profile[(*at, 4)],
            "promo_effect": baseline.promotion_effect[at],
        }
        if panel.statics is not None:
            statics = enumerate(panel.static_names)
            self.columns |= {f"store_{name}": panel.statics[self.rows.store, column] for column, name in statics}

    def _add_recent(self) -> None:
        panel, rows = self.panel, self.rows
        for days in LEVEL_DAYS:
            self.columns[f"level_{days}"] = self._trailing_mean(panel.adjusted_sums, days) - self.level
        for days in (7, 28):
            self.columns[f"one_step_error_{days}"] = self._trailing_mean(panel.error_sums, days)
        for weeks in (1, 2, 4, 8):
            same_weekdays = self._weekday_mean(panel.adjusted_sums_by_weekday, weeks)
            self.columns[f"weekday_{weeks}"] = same_weekdays - self.level
        self._add_fortnights()
        if panel.regimes is not None:
            self._add_regimes(panel.regimes)
        newest = panel.newest_aligned_day(rows, WEEK)
        self.columns["chain_weekday_1"] = self._chain(newest, rows.origin)
        self.columns["chain_weekday_2"] = self._chain(newest - WEEK, rows.origin)

    def _add_fortnights(self) -> None:
        """Every second and fourth week before the target, and the weeks between."""
        panel, rows = self.panel, self.rows
        for step, count in ((FORTNIGHT, 4), (2 * FORTNIGHT, 2)):
            newest = panel.newest_aligned_day(rows, step)
            days = [newest - step * n for n in range(count)]
            own = np.stack([self._store(panel.adjusted, day) for day in days]) - self.level
            chain = np.stack([self._chain(day, rows.origin) for day in days])
            self.columns[f"every_{step}"] = own[0]
            self.columns[f"chain_every_{step}"] = chain[0]
            self.columns[f"every_{step}_mean"] = finite_mean(own)
            self.columns[f"chain_every_{step}_mean"] = finite_mean(chain)
        between = rows.target + WEEK - FORTNIGHT * -(-(rows.horizon + WEEK) // FORTNIGHT)
        self._add_contrast("own", self._store(panel.adjusted, between) - self.level, self.columns["every_14"])
        self._add_contrast("chain", self._chain(between, rows.origin), self.columns["chain_every_14"])

    def _add_contrast(self, name: str, value: Array, same_week: Array) -> None:
        self.columns[f"{name}_other_week"] = value
        self.columns[f"{name}_week_contrast"] = same_week - value

    def _add_regimes(self, regimes: WeekRegimes) -> None:
        """If promotions are unknown: the regimes, and the chain's weeks so far."""
        panel, rows = self.panel, self.rows
        weeks_ahead = (rows.target - rows.origin + panel.weekday[rows.origin]) // WEEK
        this_week, last_week = panel.chain_weeks[0, rows.origin], panel.chain_weeks[1, rows.origin]
        self.columns |= {
            "regime_expected": panel.expected_promotion(rows),
            "regime_probability": regimes.probability_of(rows.origin, rows.target, panel.weekday),
            "regime_now": panel.promotion[rows.store, rows.origin],
            "weeks_ahead": weeks_ahead,
            **{f"chain_week_{ago}": panel.chain_weeks[ago, rows.origin] for ago in range(len(panel.chain_weeks))},
            "chain_week_like": np.where(weeks_ahead % 2 == 0, this_week, last_week),
            "chain_week_unlike": np.where(weeks_ahead % 2 == 0, last_week, this_week),
        }

    def _add_year_ago(self) -> None:
        """The corresponding days one year before, without shocks."""
        panel, rows = self.panel, self.rows
        for name, shift in self._year_shifts().items():
            day = rows.target + shift[rows.target]
            origin = day - rows.horizon
            shock = (day >= 0) & panel.shock[np.clip(day, 0, panel.history_days - 1)]
            self.columns[f"year_ago_{name}"] = self._store(panel.comparable, day) - self._level(origin)
            self.columns[f"year_ago_{name}_chain"] = self._chain(day, origin, panel.comparable_chain)
            was_open = self._store(panel.traded, day)
            self.columns[f"year_ago_{name}_open"] = np.where(shock, np.nan, was_open)
            chain_open = panel.chain_open[np.maximum(day, 0)] + np.where(day < 0, np.nan, 0)
            self.columns[f"year_ago_{name}_chain_open"] = np.where(shock, np.nan, chain_open)
        day, origin = rows.target - YEAR, rows.origin - YEAR
        self.columns["seasonality"] = self._mean_near(panel.comparable_sums, day, WEEK) - self._level(origin)
        chain = [self._chain(day + shift, origin, panel.comparable_chain) for shift in range(-WEEK, WEEK + 1)]
        self.columns["seasonality_chain"] = finite_mean(np.stack(chain))
        self.columns["growth"] = self.level - self._level(origin)

    def _year_shifts(self) -> dict[str, Indices]:
        """[day]: negative days to the corresponding day one year before, by weekday, holiday and date."""
        holidays = self.panel.holidays
        by_week = np.full(self.panel.days, -YEAR)
        return {"week": by_week, "holiday": holidays.year_ago_by_holiday, "date": holidays.year_ago_by_date}

    def _add_effects(self) -> None:
        """The store's mean one-step error so far on the days of the target's kind, shrunk; 0 on other days."""
        panel, rows = self.panel, self.rows
        error = panel.baseline.one_step_error
        for name, days in self._day_marks().items():
            marked = np.isfinite(error) & days[:, : panel.history_days]
            sums, counts = running_sums(np.where(marked, error, np.nan))
            end = rows.origin + 1
            effect = sums[rows.store, end] / (counts[rows.store, end] + EFFECT_SHRINKAGE)
            self.columns[f"effect_{name}"] = np.where(days[rows.store, rows.target], effect, 0)

    def _day_marks(self) -> dict[str, NDArray[np.bool_]]:
        """[row, day] by kind of day."""
        panel = self.panel
        by_day = holiday_marks(panel.holidays) | {
            "month_start": panel.month_day <= MONTH_EDGE,
            "month_end": panel.days_to_month_end < MONTH_EDGE,
        }
        shape = (len(panel.store_of_row), panel.days)
        marks = {name: np.broadcast_to(days, shape) for name, days in by_day.items()}
        if "school_holiday" in panel.covariates:
            marks["school_holiday"] = panel.covariates["school_holiday"] > 0
        if "open" in panel.covariates:
            closed = panel.covariates["open"] == 0
            marks["before_closed"] = np.hstack([closed[:, 1:], closed[:, -1:]])
            marks["after_closed"] = np.hstack([closed[:, :1], closed[:, :-1]])
        return marks

    def _store(self, values: Array, day: Indices) -> Values:
        """By row: the store's value on a day; NaN outside the history."""
        within = (day >= 0) & (day < self.panel.history_days)
        return np.where(within, values[self.rows.store, np.where(within, day, 0)], np.nan)

    def _level(self, day: Indices) -> Values:
        return self._store(self.panel.baseline.level, day)

    def _chain(self, day: Indices, origin: Indices, chain: Values | None = None) -> Values:
        """By row: the chain's mean on a day, relative to the levels at an origin; NaN before the history."""
        within = (day >= 0) & (origin >= 0)
        means = self.panel.chain if chain is None else chain
        return np.where(within, means[np.where(within, day, 0), np.where(within, origin, 0)], np.nan)

    def _trailing_mean(self, running: tuple[Values, Values], days: int) -> Values:
        """Mean over `days` days that end with the origin."""
        end = self.rows.origin + 1
        return self._mean_between(running, np.maximum(end - days, 0), end)

    def _weekday_mean(self, running: tuple[Values, Values], weeks: int) -> Values:
        """Mean over the newest `weeks` days of the target's weekday, up to the origin."""
        end = self.panel.newest_aligned_day(self.rows, WEEK) + WEEK
        begin = np.where(end - WEEK * weeks >= 0, end - WEEK * weeks, end % WEEK)
        return self._mean_between(running, begin, end)

    def _mean_near(self, running: tuple[Values, Values], day: Indices, distance: int) -> Values:
        """Mean from `distance` days before to `distance` days after `day`."""
        past = self.panel.history_days
        return self._mean_between(running, np.clip(day - distance, 0, past), np.clip(day + distance + 1, 0, past))

    def _mean_between(self, running: tuple[Values, Values], begin: Indices, end: Indices) -> Values:
        sums, counts = running
        store = self.rows.store
        return ratio(sums[store, end] - sums[store, begin], counts[store, end] - counts[store, begin])
