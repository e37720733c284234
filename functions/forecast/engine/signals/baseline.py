"""The baseline: each store's level, weekday profile and promotion effect on each day, in logarithms of revenue.

Method: exponential smoothing by error correction (Holt-Winters without trend, Hyndman et al. 2008). Each component
moves by a share of the one-step error. A young store is shrunk towards its chain.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.arrays import Flags, Floats, Values

LEVEL_GAIN, PROFILE_GAIN, PROMOTION_GAIN = 0.05, 0.08, 0.03
FIRST_PROMOTION_GAIN = 0.5
SHRINKAGE = 3.0  # days of the chain's own profile that count beside a store's days
# An error is cut to this many times the store's spread: a strike must not change the profile.
LARGEST_ERROR = 2.0
UNCUT_DAYS = 14  # of a new store, whose spread is not known yet
LEAST_PROMOTION = 0.25  # a smaller share of a promotion does not change the promotion effect
SPREAD_GAIN, SPREAD_PER_ERROR = 0.03, 1.25  # the standard deviation is 1.25 times the mean absolute error
FIRST_SPREAD, LEAST_SPREAD, LARGEST_SPREAD = 0.2, 0.02, 2.0


@dataclass(frozen=True)
class Baseline:
    """By [store, day], after that day's revenue was used; `profile` is [store, day, weekday].

    - `one_step_error`: log revenue less the baseline of the day before; NaN on a closed day.
    - `spread`: standard deviation of the one-step error. `age`: days open so far.
    """

    level: Values
    profile: Values
    promotion_effect: Values
    one_step_error: Values
    spread: Values
    age: Values

    def profile_of_day(self, weekday: NDArray[np.int64]) -> Values:
        """[store, day]: the profile of the day's own weekday."""
        index = np.broadcast_to(weekday[None, :, None], (*self.level.shape, 1))
        own: Values = np.take_along_axis(self.profile, index, 2)[..., 0]
        return own


def smooth(log_revenue: Values, weekday: NDArray[np.int64], promotion: Values) -> Baseline:
    """One pass over the days.

    `log_revenue[store, day]` is NaN on a closed day; `promotion[store, day]` is 0 to 1; `weekday[day]` is 0 on Monday.
    """
    stores, days = log_revenue.shape
    state = _State(stores)
    level, effect, error, spread, age = (np.empty((stores, days), np.float32) for _ in range(5))
    profile = np.empty((stores, days, 7), np.float32)
    for day in range(days):
        error[:, day] = state.update(log_revenue[:, day], int(weekday[day]), promotion[:, day])
        level[:, day] = state.level
        effect[:, day] = state.shrunk_promotion_effect()
        spread[:, day] = state.spread
        age[:, day] = state.days
        profile[:, day] = state.shrunk_profile()
    return Baseline(level, profile, effect, error, spread, age)


class _State:
    """Level, profile and promotion effect of all stores at the end of a day, with the days that each was learned on."""

    def __init__(self, stores: int) -> None:
        self.level = np.full(stores, np.nan)
        self.spread = np.full(stores, FIRST_SPREAD)
        self.days = np.zeros(stores)
        self.profile = np.zeros((stores, 7))
        self.weekday_days = np.zeros((stores, 7))
        self.promotion_effect = np.zeros(stores)
        self.promotion_days = np.zeros(stores)

    def update(self, log_revenue: Values, weekday: int, promotion: Values) -> Floats:
        """Use one day's revenue; returns its one-step error."""
        traded = np.isfinite(log_revenue)
        first = traded & np.isnan(self.level)
        self.level[first] = log_revenue[first]
        expected = self.level + self.shrunk_profile()[:, weekday] + self.shrunk_promotion_effect() * promotion
        error = np.where(traded, log_revenue - expected, np.nan)
        limit = LARGEST_ERROR * self.spread
        cut = np.where(traded, np.clip(error, -limit, limit), 0)
        cut = np.where(self.days < UNCUT_DAYS, np.where(traded, error, 0), cut)
        self._correct(cut, traded, weekday, promotion)
        return error

    def _correct(self, error: Floats, traded: Flags, weekday: int, promotion: Values) -> None:
        on_promotion = traded & (promotion >= LEAST_PROMOTION)
        self.days += traded
        self.weekday_days[:, weekday] += traded
        self.promotion_days += on_promotion
        self.level += np.maximum(LEVEL_GAIN, 1 / (self.days + 1)) * error
        self.profile[:, weekday] += np.maximum(PROFILE_GAIN, 1 / (self.weekday_days[:, weekday] + 1)) * error
        gain = np.maximum(PROMOTION_GAIN, FIRST_PROMOTION_GAIN / (self.promotion_days + 1))
        self.promotion_effect += np.where(on_promotion, gain, 0) * error
        self._correct_spread(error, traded)

    def _correct_spread(self, error: Floats, traded: Flags) -> None:
        gain = np.maximum(SPREAD_GAIN, 1 / (self.days + 5))
        spread = (1 - gain) * self.spread + gain * SPREAD_PER_ERROR * np.abs(error)
        self.spread = np.clip(np.where(traded, spread, self.spread), LEAST_SPREAD, LARGEST_SPREAD)

    def shrunk_profile(self) -> Floats:
        """[store, weekday]: the store's profile, shrunk towards the chain's if the store is young."""
        chain = (self.profile * self.weekday_days).sum(0) / np.maximum(self.weekday_days.sum(0), 1)
        own_share = self.weekday_days / (self.weekday_days + SHRINKAGE)
        shrunk: Floats = own_share * self.profile + (1 - own_share) * chain
        return shrunk

    def shrunk_promotion_effect(self) -> Floats:
        """[store]: the store's promotion effect, shrunk towards the chain's if it had few promotions."""
        days = self.promotion_days
        chain = (self.promotion_effect * days).sum() / max(days.sum(), 1)
        own_share = days / (days + SHRINKAGE)
        shrunk: Floats = own_share * self.promotion_effect + (1 - own_share) * chain
        return shrunk
