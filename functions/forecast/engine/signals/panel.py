"""The panel: history, covariates and holidays of a chain as stores × days, with the signals that models learn from.

A value of a day uses that day and earlier days, never later ones.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from functions.forecast.engine.arrays import Array, Flags, Indices, Values, log_of, ratio
from functions.forecast.engine.data.covariates import EVENT_YEAR_AGO, WEATHER, Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.imputation import impute
from functions.forecast.engine.holidays.holiday_calendar import holidays_of
from functions.forecast.engine.holidays.holiday_effects import (
    chain_effect,
    explained_by_holidays,
    near_holiday,
    planned_event_effect,
    store_effect,
)
from functions.forecast.engine.signals.baseline import smooth
from functions.forecast.engine.signals.running_sums import days_since, running_sums, running_sums_by_weekday
from functions.forecast.engine.signals.shocks import shocks
from functions.forecast.engine.signals.week_regimes import Regime, WeekRegimes, detect

SETTLING_DAYS = 14  # of a new store: its level and profile are not known yet, so errors are no holiday effect
CHAIN_WEEKS = 4
# Days around a holiday that are left out of week regimes: people shop before it.
REGIME_DAYS_BEFORE, REGIME_DAYS_AFTER = 3, 1
MOST_STORES = 0.5
EXPLANATIONS = ("promo", "event", "school_holiday", "state_holiday")  # covariates that explain an unusual day


@dataclass(frozen=True)
class Rows:
    """Parallel arrays: index of the store, of the origin day and of the target day, from the panel's first day."""

    store: Indices
    origin: Indices
    target: Indices

    @property
    def horizon(self) -> Indices:
        """Days from the origin to the target."""
        return self.target - self.origin

    def at(self, rows: Any) -> "Rows":
        """The rows with these indices."""
        return Rows(self.store[rows], self.origin[rows], self.target[rows])


@dataclass(frozen=True)
class LateCopies:
    """Copies of stores whose history begins late: index of the store, and the first day with data."""

    store: Indices
    first_day: Indices


class Panel:
    """History, covariates and holidays side by side, by [store, day].

    History has `history_days` days; covariates and holidays reach `horizon` days further. The first `store_count` rows
    are the stores, the others are copies with a late opening.
    """

    def __init__(
        self, history: History, covariates: Covariates, horizon: int, copies: LateCopies | None = None
    ) -> None:
        covariates = covariates.of(history.stores)
        self.stores, self.store_count = history.stores, len(history.stores)
        self.first_day = history.first_day
        self.history_days, self.days = history.days, history.days + horizon
        self.holidays = holidays_of(covariates.country, history.first_day, self.days)
        self._add_dates()
        self._add_revenue(history, copies)
        self._add_covariates(covariates)
        self.regimes = None if "promo" in self.covariates else self._detect_regimes()
        self.promotion = self._promotion()
        past = slice(0, self.history_days)
        self.baseline = smooth(self.log_revenue, self.weekday[past], self.promotion[:, past])
        self._add_store_signals()
        self._add_chain_signals()
        self._add_holiday_effects()
        self._add_shocks()

    def _add_dates(self) -> None:
        dates = [self.first_day + timedelta(days=n) for n in range(self.days)]
        self.weekday = np.array([day.weekday() for day in dates])
        self.year_day = np.array([day.timetuple().tm_yday for day in dates], np.float32)
        self.month_day = np.array([day.day for day in dates], np.float32)
        self.days_to_month_end = np.array([monthrange(day.year, day.month)[1] - day.day for day in dates])

    def _add_revenue(self, history: History, copies: LateCopies | None) -> None:
        self.store_of_row = np.arange(self.store_count)
        if copies is not None:
            self.store_of_row = np.concatenate([self.store_of_row, copies.store])
        self.revenue = history.revenue[self.store_of_row]
        if copies is not None:
            late = np.arange(self.history_days) < copies.first_day[:, None]
            self.revenue[self.store_count :][late] = np.nan
        self.traded = np.nan_to_num(self.revenue) > 0
        self.log_revenue = log_of(self.revenue).astype(np.float32)

    def _add_covariates(self, covariates: Covariates) -> None:
        self.imputed: dict[str, str] = {}
        self.days_ahead: dict[str, int] = {}
        self.covariates = {
            name: self._imputed_covariate(name, covariates.column(name, self.first_day, self.days))
            for name in covariates.columns
        }
        statics = covariates.statics
        self.statics = statics.to_numpy(np.float32)[self.store_of_row] if len(statics) else None
        self.static_names = tuple(statics.columns)

    def _imputed_covariate(self, name: str, values: Values) -> Values:
        """The covariate by [row, day] without missing future days, as far as a rule can fill them.

        `imputed` notes the rule and the number of days. `days_ahead` notes how far most stores have weather.
        """
        if name.startswith(WEATHER):
            few = np.isfinite(values[: self.store_count, self.history_days :]).mean(0) < MOST_STORES
            self.days_ahead[name] = int(np.append(few, True).argmax())
        values = values[self.store_of_row]
        complete, rule = impute(name, values, self.traded)
        missing = int(np.isnan(values[: self.store_count, self.history_days :]).sum())
        if missing:
            self.imputed[name] = f"{missing} days: {rule}"
        return complete

    def _detect_regimes(self) -> WeekRegimes:
        excluded = near_holiday(self.holidays, REGIME_DAYS_BEFORE, REGIME_DAYS_AFTER)
        return detect(self.log_revenue[: self.store_count], self.weekday[: self.history_days], excluded)

    def _promotion(self) -> Values:
        """[store, day]: 1 on promotion; if promotions are unknown, the share of the lift of a high week."""
        if self.regimes is None:
            return (self.covariates["promo"] > 0).astype(np.float32)
        share = np.zeros((len(self.store_of_row), self.days), np.float32)
        share[:, : self.history_days] = self.regimes.current
        return share

    def _add_store_signals(self) -> None:
        """`adjusted` is log revenue less weekday profile and promotion effect; the rest are sums and counts of days.

        `unknown_days[store, day]`: days since the last known one.
        """
        past = slice(0, self.history_days)
        profile = self.baseline.profile_of_day(self.weekday[past])
        self.adjusted = self.log_revenue - profile - self.baseline.promotion_effect * self.promotion[:, past]
        open_share = np.where(np.isnan(self.revenue), np.nan, self.traded)
        self.adjusted_sums = running_sums(self.adjusted)
        self.error_sums = running_sums(self.baseline.one_step_error)
        self.open_sums = running_sums(open_share)
        self.adjusted_sums_by_weekday = running_sums_by_weekday(self.adjusted)
        self.open_sums_by_weekday = running_sums_by_weekday(open_share)
        known = np.isfinite(self.revenue)
        self.days_since_open = days_since(self.traded, known)
        self.unknown_days = np.nan_to_num(days_since(known, np.ones_like(known)))

    def _add_chain_signals(self) -> None:
        """`chain[day, origin]`: the chain's mean of a day against the stores' levels at an origin."""
        stores = slice(0, self.store_count)
        self.chain = _relative_to_levels(self.adjusted[stores], self.baseline.level[stores])
        self.chain_weeks = _chain_weeks(self.chain, self.weekday[: self.history_days])
        open_share = np.where(np.isnan(self.revenue[stores]), np.nan, self.traded[stores])
        count = np.maximum(np.isfinite(open_share).sum(0), 1)
        self.chain_open = np.nan_to_num(np.nansum(open_share, 0) / count).astype(np.float32)

    def _add_holiday_effects(self) -> None:
        baseline, stores = self.baseline, slice(0, self.store_count)
        errors = np.where(baseline.age > SETTLING_DAYS, baseline.one_step_error, np.nan)
        self.chain_holiday_effect = chain_effect(errors[stores], baseline.spread[stores], self.holidays)
        self.store_holiday_effect = store_effect(errors, baseline.spread, self.holidays, self.chain_holiday_effect)
        year_ago = self.covariates.get(EVENT_YEAR_AGO, np.zeros((len(errors), self.days), np.float32))
        self.event_effect = planned_event_effect(errors, baseline.spread, year_ago)

    def _add_shocks(self) -> None:
        """`shock[day]`, and the signals that are looked at one year later, without shocks."""
        stores = slice(0, self.store_count)
        errors = np.where(self.baseline.age > SETTLING_DAYS, self.baseline.one_step_error, np.nan)[stores]
        observed = np.isfinite(self.revenue[stores])
        self.shock = shocks(errors, self.traded[stores], observed, self._explained()[: self.history_days])
        self.comparable, self.comparable_sums, self.comparable_chain = self.adjusted, self.adjusted_sums, self.chain
        if self.shock.any():
            self.comparable = np.where(self.shock, np.nan, self.adjusted)
            self.comparable_sums = running_sums(self.comparable)
            self.comparable_chain = np.where(self.shock[:, None], np.nan, self.chain)

    def _explained(self) -> Flags:
        """[day]: True if a holiday or an entry for most stores can explain unusual sales."""
        explained = explained_by_holidays(self.holidays)
        for name in EXPLANATIONS:
            if name in self.covariates:
                entries = self.covariates[name][: self.store_count] > 0
                explained = explained | (entries.mean(0) > MOST_STORES)
        return explained

    @property
    def shock_days(self) -> tuple[date, ...]:
        """The days that the features of one year ago leave out."""
        return tuple(self.first_day + timedelta(days=int(day)) for day in np.flatnonzero(self.shock))

    def expected_promotion(self, rows: Rows) -> Values:
        """By row: the promotion of the target day, as far as it is known at the origin."""
        if self.regimes is None:
            promotion: Values = self.promotion[rows.store, rows.target]
            return promotion
        return self.regimes.expected(rows.origin, rows.target, self.weekday)

    def regime(self, rows: Rows) -> Regime:
        """By row: the regimes of the target's week."""
        if self.regimes is None:
            return Regime.none(len(rows.store))
        effect = self.baseline.promotion_effect[rows.store, rows.origin]
        return self.regimes.regime(rows.origin, rows.target, self.weekday, effect)

    def index(self, day: date) -> int:
        """Index of the day, which may be outside the panel."""
        return (day - self.first_day).days

    def baseline_forecast(self, rows: Rows) -> Values:
        """By row: log revenue by level, weekday and promotion. The models learn the residual."""
        profile = self.baseline.profile[rows.store, rows.origin, self.weekday[rows.target]]
        uplift = self.baseline.promotion_effect[rows.store, rows.origin] * self.expected_promotion(rows)
        forecast: Values = self.baseline.level[rows.store, rows.origin] + profile + uplift
        return forecast

    def holiday_effect(self, rows: Rows) -> Values:
        """By row: the effect of holidays on the target day, of the chain and of the store itself, and of an event."""
        own = self.store_holiday_effect[rows.store, rows.target] + self.event_effect[rows.store, rows.target]
        effect: Values = self.chain_holiday_effect[rows.target] + own
        return effect

    def change_of_others(self, rows: Rows) -> Values:
        """By row: how far the chain's other stores were above their baseline on the target day, in logarithms.

        NaN if no other store was open. It uses the target day itself, so it is no feature.
        """
        count = np.isfinite(self.adjusted[: self.store_count]).sum(0)[rows.target]
        own = self.adjusted[rows.store, rows.target] - self.baseline.level[rows.store, rows.origin]
        is_open = np.isfinite(own)
        total = self.chain[rows.target, rows.origin] * count - np.where(is_open, own, 0)
        return ratio(total, count - is_open)

    def newest_aligned_day(self, rows: Rows, step: int) -> Indices:
        """By row: the newest day up to the origin that is a multiple of `step` days before the target."""
        return rows.target - step * -(-rows.horizon // step)


def _chain_weeks(chain: Values, weekday: Indices) -> Values:
    """[week ago, origin]: the chain's mean over the origin's calendar week so far, and over the three before."""
    origin = np.arange(len(weekday))
    days = (origin - weekday)[None, :, None] - 7 * np.arange(CHAIN_WEEKS)[:, None, None] + np.arange(7)
    within = (days >= 0) & (days <= origin[None, :, None])
    values = np.where(within, chain[np.where(within, days, 0), origin[None, :, None]], np.nan)
    finite = np.isfinite(values)
    mean = np.where(finite, values, 0).sum(2) / np.maximum(finite.sum(2), 1)
    return np.where(finite.any(2), mean, np.nan).astype(np.float32)


def _relative_to_levels(values: Array, levels: Values) -> Values:
    """[day, origin]: mean over stores of a day's value less the level at the origin."""
    finite, started = np.isfinite(values).astype(np.float32), np.isfinite(levels).astype(np.float32)
    count = finite.T @ started
    total = np.nan_to_num(values).T @ started - finite.T @ np.nan_to_num(levels)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
