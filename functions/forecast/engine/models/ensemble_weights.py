"""How members are weighed by what they said of past days."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.models import baseline_models, lightgbm_models

Values = NDArray[np.float32]
Places = NDArray[np.int64]
MEMBERS = (*(recipe.name for recipe in lightgbm_models.RECIPES), *baseline_models.NAMES)
POOLED = 200_000
# A few past windows are a few draws of the calendar: too few to follow what they liked best.
PICKED, PICKS = 0.25, 12
# A member that is 4 % behind the best gets half of its weight, and one that is 20 % behind nothing.
SHARPNESS, FAR_BEHIND = 16, 1.2
NO_ERROR = 1e-9


@dataclass(frozen=True)
class Pool:
    """What members said of past days and what came, row by row: logarithms [row, member] and the truth's.

    `origin` counts as `date.toordinal` does; `up` and `down` are a `Turn`'s.
    """

    members: Values
    truth: Values
    scale: Values
    horizon: Places
    store: Places
    origin: Places
    up: Values
    down: Values

    def joined(self, other: "Pool") -> "Pool":
        return Pool(*(np.concatenate([a, b]) for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    def at(self, rows: Any) -> "Pool":
        return Pool(*(values[rows] for values in vars(self).values()))


def limited(pool: Pool, seed: int) -> Pool:
    """At most `POOLED` rows of it, by chance."""
    if len(pool.truth) <= POOLED:
        return pool
    return pool.at(np.sort(np.random.default_rng(seed).choice(len(pool.truth), POOLED, replace=False)))


def weigh(pool: Pool, allowed: tuple[str, ...] = MEMBERS) -> dict[str, float]:
    """By how near each is to the best; a quarter goes to those that lower the error when joined one by one.

    Every window counts the same, and within it every store; a member far behind the best is dropped.
    """
    truth = np.exp(pool.truth)
    share = _shares(pool, truth)
    logs = {name: pool.members[:, MEMBERS.index(name)] for name in allowed}
    alone = {name: max(_error(each, truth, share), NO_ERROR) for name, each in logs.items()}
    best = min(alone.values())
    near = {name: (best / each) ** SHARPNESS for name, each in alone.items() if each <= FAR_BEHIND * best}
    weights = dict.fromkeys(MEMBERS, 0.0)
    weights |= {name: (1 - PICKED) * share / sum(near.values()) for name, share in near.items()}
    total: Values = np.zeros(len(truth), np.float32)
    for turn in range(1, PICKS + 1):
        errors = {name: _error((total + logs[name]) / np.float32(turn), truth, share) for name in near}
        joined = min(errors, key=lambda name: errors[name])
        weights[joined] += PICKED / PICKS
        total += logs[joined]
    return weights


def _error(logs: Values, truth: Values, share: Values) -> float:
    return float((np.abs(np.exp(logs) - truth) * share).sum())


def _shares(pool: Pool, truth: Values) -> Values:
    """How much a row's error counts, so that each window counts the same and each store in it."""
    window = np.unique(pool.origin, return_inverse=True)[1]
    trial = window * (pool.store.max() + 1) + pool.store
    sold, stores = np.bincount(trial, truth), np.bincount(window[np.unique(trial, return_index=True)[1]])
    share: Values = 1 / (sold[trial] * stores[window])
    return share
