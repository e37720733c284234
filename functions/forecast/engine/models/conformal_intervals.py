"""P10, P50 and P90 around a forecast, from how far past forecasts were off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm
import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.models import lightgbm_models
from functions.forecast.engine.models.ensemble_weights import Pool
from functions.forecast.engine.models.lightgbm_models import Sample
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.week_regimes import Turn

Values = NDArray[np.float32]
Floats = NDArray[np.float64]
BLOCKS = (0, 7, 14, 1000)  # horizons up to
QUANTILES = (0.1, 0.5, 0.9)
LEVELS = np.arange(1, 80) / 80
HALVINGS = 30  # a difference of logarithms by so many is nothing
LEAST, MOST = 0.01, 1.0
HALF_LIFE = 90.0  # days in which an error's say in the intervals halves
FEW = 3  # windows, of which none is in the middle
# Days left out together, and in how many turns: a row's error is that of a model which did not see its month.
STRETCH, FOLDS = 28, 3
USUAL_ROUNDS = 60
COARSE: dict[str, object] = {"num_leaves": 16, "min_data_in_leaf": 100}


@dataclass(frozen=True)
class Intervals:
    """`usual` says how far off a row's forecast is as a rule; `shares[block]` are quantiles of past errors in that.

    They are those at `LEVELS`, of errors beside what the kind of week brought: which kind comes is a doubt of its own.
    """

    usual: lightgbm.Booster
    shares: tuple[tuple[float, ...], ...] = ()

    def scale(self, features: Values, turn: Turn) -> Values:
        """The usual error of each row's logarithm, halfway to the same for all, and more where the turn is unsure.

        Members that learn the mean of both kinds of week miss either: by 2c(1 - c) of the difference as a rule.
        """
        usual = np.clip(np.asarray(self.usual.predict(features)), LEAST, MOST)
        unsure = 2 * turn.chance * (1 - turn.chance) * np.abs(turn.up - turn.down)
        halfway: Values = np.sqrt(usual + unsure).astype(np.float32)
        return halfway

    def calibrated(self, errors: Values, pool: Pool, coverage: float) -> "Intervals":
        """Quantiles of all past errors, the newer saying more, as wide as the window in the middle needed.

        One window is one draw of the calendar, and one that a feast or a broken habit blew up must not widen all.
        """
        target = pool.origin + pool.horizon
        scaled = (errors - _turned(errors, pool)) / pool.scale
        weight = 0.5 ** ((target.max() - target) / HALF_LIFE)
        block = np.searchsorted(BLOCKS[1:-1], pool.horizon)
        shares = np.empty((len(BLOCKS) - 1, len(LEVELS)))
        for at in range(len(shares)):
            near = block == at if (block == at).any() else np.ones(len(block), bool)
            shares[at] = np.quantile(scaled[near], LEVELS, weights=weight[near], method="inverted_cdf")
        bounds = _at((0.5 - coverage / 2, 0.5, 0.5 + coverage / 2), shares)
        middle = bounds[:, 1:2]
        shares = middle + (shares - middle) * _needed(scaled, bounds[block], weight, pool.origin, coverage)
        return replace(self, shares=tuple(tuple(each.tolist()) for each in shares))

    def around(
        self, centre: Values, features: Values, horizon: NDArray[np.int64], turn: Turn
    ) -> tuple[Values, Values, Values]:
        """p10, p50, p90 in revenue."""
        shares, block = np.array(self.shares), np.searchsorted(BLOCKS[1:-1], horizon)
        scale = self.scale(features, turn)
        beyond = _at(QUANTILES, shares)[block] * scale[:, None]
        for at in range(len(shares)):
            rows = np.flatnonzero((block == at) & (turn.up != turn.down))
            beyond[rows] = _of_both(shares[at], scale[rows], Turn(*(each[rows] for each in vars(turn).values())))
        low, middle, high = np.exp(centre + beyond.T)
        return low, middle, high

    @classmethod
    def read(cls, usual: str, shares: Sequence[Sequence[float]]) -> "Intervals":
        """From LightGBM's text and what JSON kept of the shares."""
        return cls(lightgbm.Booster(model_str=usual), tuple(tuple(block) for block in shares))


def _at(levels: Sequence[float], shares: Floats) -> Floats:
    """[block, level]."""
    return np.array([np.interp(levels, LEVELS, each) for each in shares])


def _turned(errors: Values, pool: Pool) -> Values:
    """What a week's kind brought beyond what was expected: of both the one that leaves less of the week's errors."""
    week = (pool.origin + pool.horizon - 1) // 7  # the first day of all was a Monday
    of = np.unique(pool.origin * 1_000_000 + week, return_inverse=True)[1]
    lifted = np.bincount(of, np.abs(errors - pool.up)) < np.bincount(of, np.abs(errors - pool.down))
    return np.where(lifted[of], pool.up, pool.down)


def _of_both(shares: Floats, scale: Values, turn: Turn) -> Floats:
    """[row, quantile] of what is off beside the forecast where either kind of week may come, by bisection."""
    kinds = np.stack([turn.up, turn.down])[:, :, None].astype(float)
    chances = np.stack([turn.chance, 1 - turn.chance])[:, :, None]
    ends = kinds.min(0) + shares[0] * scale[:, None], kinds.max(0) + shares[-1] * scale[:, None]
    low, high = (np.repeat(end, len(QUANTILES), axis=1) for end in ends)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = (chances * np.interp((middle - kinds) / scale[:, None], shares, LEVELS, left=0, right=1)).sum(0)
        low, high = np.where(below < QUANTILES, middle, low), np.where(below < QUANTILES, high, middle)
    return high


def _needed(
    scaled: Values, shares: NDArray[np.float64], weight: NDArray[np.float64], origin: NDArray[np.int64], coverage: float
) -> float:
    """By how much the interval must be stretched to hold its share of the errors in the window in the middle.

    In each window as in split conformal prediction (Lei et al. 2018): of n errors the (n + 1) * coverage-th.
    """
    low, middle, high = shares.T
    side = np.where(scaled > middle, high - middle, middle - low)
    beyond = np.abs(scaled - middle) / np.maximum(side, LEAST)
    windows = [origin == day for day in np.unique(origin)]
    if len(windows) < FEW:
        return 1.0
    needed = [np.quantile(beyond[each], min(coverage * (1 + 1 / each.sum()), 1)) for each in windows]
    counts = [weight[each].sum() for each in windows]
    return float(np.quantile(needed, 0.5, weights=counts, method="inverted_cdf"))


@dataclass(frozen=True)
class Misses:
    """How far off a model that had not seen its month was at each row of a sample."""

    sample: Sample
    far: Values
    settings: Settings
    seed: int

    @classmethod
    def of(cls, sample: Sample, settings: Settings, seed: int) -> "Misses":
        """Of the traded rows among the first `validation_share` of the sample."""
        sample = sample.thinned(settings.validation_share)
        sample = sample.at(np.flatnonzero(np.isfinite(sample.beyond)))
        fold = sample.rows.target // STRETCH % FOLDS
        far = np.zeros(len(fold), np.float32)
        light = replace(settings, rounds=settings.rounds // 2)
        for out in range(FOLDS):
            kept, left = sample.at(fold != out), fold == out
            if not len(kept.beyond) or not left.any():
                continue
            model = _fit(sample, kept, kept.beyond, kept.weight, light, seed)
            far[left] = np.abs(sample.beyond[left] - np.asarray(model.predict(sample.features[left])))
        return cls(sample, np.clip(far, 0, MOST), replace(settings, rounds=USUAL_ROUNDS), seed)

    def usual(self, last: int) -> Intervals:
        """Learns from targets up to `last` where forecasts miss by more: far ahead, at holidays, in young stores.

        A trial's errors must be in the unit that was known then: one that saw them is small where they were small,
        and too large for the days to come by as much.
        """
        known = self.sample.rows.target <= last
        seen = self.sample.at(known)
        return Intervals(_fit(self.sample, seen, self.far[known], None, self.settings, self.seed, COARSE))


def _fit(
    whole: Sample,
    seen: Sample,
    wanted: Values,
    weight: Values | None,
    settings: Settings,
    seed: int,
    other: dict[str, object] | None = None,
) -> lightgbm.Booster:
    parameters = lightgbm_models.parameters("regression", whole, settings, seed) | (other or {})
    return lightgbm.train(parameters, lightgbm_models.dataset(seen.features, wanted, weight), settings.rounds)
