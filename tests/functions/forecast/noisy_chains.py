"""Chains with noisy days, drawn from a stated distribution: the median of every day is known."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.engine.data import covariates
from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from tests.functions.forecast.chains import FIRST, WEEK

Floats = NDArray[np.float64]
LEVEL, LEVEL_SPREAD = 7.0, 0.6  # mean and standard deviation of the logarithm of a store's usual revenue
PROFILE_SPREAD = 0.15  # standard deviation of a store's weekday against the chain's


@dataclass(frozen=True)
class NoisyChain:
    """`revenue[store, day]` and its true `median`, by the day; the last `ahead` days are after the origin.

    - `chance[store, day]`: the probability that the store opens. Its noise has a standard deviation of `noise`, in the
      logarithm, so the mean of an open day is the median times exp(noise² / 2).
    """

    revenue: Floats
    median: Floats
    chance: Floats
    noise: float
    first_day: date
    ahead: int = 30

    @property
    def past(self) -> History:
        """The history up to the origin."""
        stores = tuple(f"s{store:03}" for store in range(len(self.revenue)))
        return History(stores, self.first_day, self.revenue[:, : -self.ahead].copy())

    @property
    def truth(self) -> Floats:
        """[store, day] after the origin."""
        return self.revenue[:, -self.ahead :]

    @property
    def true_median(self) -> Floats:
        """[store, day] after the origin: the median of an open day."""
        return self.median[:, -self.ahead :]

    @property
    def true_mean(self) -> Floats:
        """[store, day] after the origin: the expected revenue, closed days included."""
        return (self.median * self.chance)[:, -self.ahead :] * float(np.exp(self.noise**2 / 2))

    @property
    def total_deviation(self) -> float:
        """The relative standard deviation of the total after the origin: the error of a forecast that knows the mean.

        The variance of a day is mean² · (exp(noise²) / chance - 1).
        """
        mean, chance = self.true_mean, self.chance[:, -self.ahead :]
        square = np.divide(np.exp(self.noise**2), chance, out=np.ones_like(chance), where=chance > 0)
        return float(np.sqrt((mean**2 * (square - 1)).sum()) / mean.sum())

    @property
    def history_deviation(self) -> float:
        """The relative standard deviation of the forecast that is each store's mean over all open days of its history.

        It knows the weekdays, and that nothing else changes.
        """
        share = self.true_mean.sum(axis=1) / self.true_mean.sum()
        days = self.chance[:, : -self.ahead].sum(axis=1)
        return float(np.sqrt((share**2 / days).sum() * (np.exp(self.noise**2) - 1)))

    def covariates(self, *, openings: bool = True) -> Covariates:
        """The openings as entered, if every one of them is certain."""
        past = self.past
        last_day = past.last_day + timedelta(days=self.ahead)
        empty = covariates.build("US", past.stores, past.first_day, last_day)
        return replace(empty, columns={"open": self.chance.astype(np.float32)}) if openings else empty


def noisy_chain(stores: int, days: int, noise: float, seed: int, *, trading_share: float | None = None) -> NoisyChain:
    """A chain with `days` days before the origin, without trend and season.

    Half of the stores close on a weekday. With a `trading_share` a store opens on any day with this probability.
    """
    rng = np.random.default_rng(seed)
    level = rng.normal(LEVEL, LEVEL_SPREAD, stores)
    profile = np.log(WEEK) + rng.normal(0, PROFILE_SPREAD, (stores, 7))
    weekday = np.array([(FIRST + timedelta(days=day)).weekday() for day in range(days + 30)])
    median = np.exp(level[:, None] + profile[:, weekday])
    closed_on = np.where(np.arange(stores) % 2, rng.integers(0, 7, stores), -1)
    chance = np.where(weekday == closed_on[:, None], 0.0, 1.0)
    if trading_share is not None:
        chance = np.full(median.shape, trading_share)
    opens = rng.random(median.shape) < chance
    revenue = np.where(opens, median * np.exp(rng.normal(0, noise, median.shape)), 0).round(2)
    return NoisyChain(revenue, median, chance, noise, FIRST)


def by_store(forecast: pd.DataFrame, column: str, stores: tuple[str, ...], ahead: int = 30) -> Floats:
    """[store, day] of a column of a forecast; NaN without a row."""
    values = np.full((len(stores), ahead), np.nan)
    index = {store: row for row, store in enumerate(stores)}
    values[forecast["store_id"].map(index).to_numpy(), forecast["horizon"].to_numpy() - 1] = forecast[column]
    return values


def accuracy(truth: Floats, forecast: Floats) -> float:
    """1 - sum |y - f| / sum y of a store over its open days, and the mean over stores."""
    is_open = truth > 0
    error = np.where(is_open, np.abs(truth - forecast), 0).sum(1)
    return float((1 - error / np.where(is_open, truth, 0).sum(1)).mean())
