"""Each store's level, weekday profile and promotion effect as they were known on each day; all in logarithms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
LEVEL_GAIN, PROFILE_GAIN, PROMO_GAIN = 0.05, 0.08, 0.03
# So many days of the chain's own habit stand behind a store that has shown little of its own.
CHAIN_WEIGHT = 3.0
# An error counts for at most so many times the store's usual one: a strike must not move a profile.
MOST_ERROR = 2.0
LEAST_PROMO = 0.25  # what is less of a promotion teaches nothing of it


@dataclass(frozen=True)
class Track:
    """By [store, day], with that day's revenue taken in; `profile` is [store, day, weekday].

    `surprise` is what the day brought beyond level, profile and promotion as known the day before; NaN where closed.
    """

    level: Values
    profile: Values
    promo: Values
    surprise: Values
    spread: Values
    age: Values


def track(logs: Values, weekdays: NDArray[np.int64], promo: Values) -> Track:
    """Runs once over the days. `logs[store, day]` is NaN where not traded, `promo` 0 or 1."""
    stores, days = logs.shape
    state = _State(stores)
    kept = Track(*(np.empty((stores, days), np.float32) for _ in range(6)))
    profile = np.empty((stores, days, 7), np.float32)
    for day in range(days):
        kept.surprise[:, day] = state.learn(logs[:, day], int(weekdays[day]), promo[:, day])
        kept.level[:, day] = state.level
        kept.promo[:, day] = state.pooled_promo()
        kept.spread[:, day] = state.spread
        kept.age[:, day] = state.seen
        profile[:, day] = state.pooled_profile()
    return Track(kept.level, profile, kept.promo, kept.surprise, kept.spread, kept.age)


class _State:
    def __init__(self, stores: int) -> None:
        self.level = np.full(stores, np.nan)
        self.spread = np.full(stores, 0.2)
        self.seen = np.zeros(stores)
        self.profile = np.zeros((stores, 7))
        self.counts = np.zeros((stores, 7))
        self.promo = np.zeros(stores)
        self.promos = np.zeros(stores)

    def learn(self, logs: Values, weekday: int, promo: Values) -> NDArray[np.float64]:
        traded = np.isfinite(logs)
        first = traded & np.isnan(self.level)
        self.level[first] = logs[first]
        expected = self.level + self.pooled_profile()[:, weekday] + self.pooled_promo() * promo
        surprise = np.where(traded, logs - expected, np.nan)
        error = np.where(traded, np.clip(surprise, -MOST_ERROR * self.spread, MOST_ERROR * self.spread), 0)
        error = np.where(self.seen < 14, np.where(traded, surprise, 0), error)  # noqa: PLR2004 - two weeks say what is usual
        self._move(error, traded, weekday, promo)
        return surprise

    def _move(self, error: NDArray[np.float64], traded: NDArray[np.bool_], weekday: int, promo: Values) -> None:
        on_promo = traded & (promo >= LEAST_PROMO)
        self.seen += traded
        self.counts[:, weekday] += traded
        self.promos += on_promo
        self.level += np.maximum(LEVEL_GAIN, 1 / (self.seen + 1)) * error
        self.profile[:, weekday] += np.maximum(PROFILE_GAIN, 1 / (self.counts[:, weekday] + 1)) * error
        self.promo += np.where(on_promo, np.maximum(PROMO_GAIN, 0.5 / (self.promos + 1)), 0) * error
        usual = np.maximum(0.03, 1 / (self.seen + 5))
        self.spread = np.where(traded, (1 - usual) * self.spread + usual * 1.25 * np.abs(error), self.spread)
        self.spread = np.clip(self.spread, 0.02, 2)

    def pooled_profile(self) -> NDArray[np.float64]:
        """The store's own, leaning on the chain's where the store is young."""
        chain = (self.profile * self.counts).sum(0) / np.maximum(self.counts.sum(0), 1)
        own = self.counts / (self.counts + CHAIN_WEIGHT)
        pooled: NDArray[np.float64] = own * self.profile + (1 - own) * chain
        return pooled

    def pooled_promo(self) -> NDArray[np.float64]:
        chain = (self.promo * self.promos).sum() / max(self.promos.sum(), 1)
        own = self.promos / (self.promos + CHAIN_WEIGHT)
        pooled: NDArray[np.float64] = own * self.promo + (1 - own) * chain
        return pooled
