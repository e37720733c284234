"""Totals of 30 days in made chains of noisy days, beside a forecast that knows the distribution. It needs no stack.

Even a forecast of the true mean misses the total that comes, by the noise of the days. So each figure stands beside
that of the true mean in the same chains, and the bias is measured against the true mean.
CHAINS is the number of chains of each kind.
"""

import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from bench.figures import Figure, told, within
from functions.forecast.engine.models.totals import EVERY_STORE
from functions.forecast.engine.models.train import train
from functions.forecast.engine.settings import Settings
from tests.functions.forecast.noisy_chains import NoisyChain, noisy_chain

DAYS = 30
FIRST_SEED = 9_000
LARGEST_BIAS = 2.0  # percent
COVERAGE = 77, 83  # percent
# Enough rows and rounds for a chain of 100 stores whose days have a weekday and nothing else.
LIGHT = Settings(rows=30_000, rounds=40, learning_rate=0.15)


@dataclass(frozen=True)
class Kind:
    """Chains of so many stores and days of history, with noise of this standard deviation in the logarithm."""

    stores: int
    days: int
    noise: float

    @property
    def name(self) -> str:
        """As in figures."""
        return f"totals.noise_{self.noise:g}.stores_{self.stores}"


KINDS = (Kind(100, 180, 0.3), Kind(100, 270, 0.6), Kind(40, 270, 0.6), Kind(100, 180, 0.9))


@dataclass(frozen=True)
class Outcome:
    """The total of a chain, relative to its true mean: as forecast and as it came. `held` is the share of stores."""

    forecast: float
    came: float
    held: float
    floor: float  # standard deviation of `came`
    level: float  # standard deviation of a forecast by the mean of all days of the history


def bench() -> Iterator[Figure]:
    """The figures of each kind of chain."""
    count = int(os.environ.get("CHAINS", "5"))
    for kind in KINDS:
        seeds = range(FIRST_SEED, FIRST_SEED + count)
        chains = (noisy_chain(kind.stores, kind.days, kind.noise, seed) for seed in seeds)
        yield from figures(kind.name, [outcome(chain, LIGHT) for chain in chains])


def outcome(chain: NoisyChain, settings: Settings) -> Outcome:
    """Train on the past of the chain, forecast its total, and compare."""
    past, inputs = chain.past, chain.covariates()
    models = train(past, inputs, settings, last_day=past.last_day)
    totals = models.predict(past, inputs, past.last_day, DAYS).totals
    of_span = totals[totals["days"] == DAYS].set_index("store_id")
    stores, revenue = of_span.loc[list(past.stores)], chain.truth.sum(axis=1)
    held = ((stores["p10"] <= revenue) & (revenue <= stores["p90"])).mean()
    true_mean = chain.true_mean.sum()
    forecast = float(of_span.loc[EVERY_STORE, "mean"] / true_mean)
    deviations = (chain.total_deviation, chain.history_deviation)
    return Outcome(forecast, float(revenue.sum() / true_mean), float(held), *deviations)


def figures(name: str, outcomes: Sequence[Outcome]) -> Iterator[Figure]:
    """In percent of the total. The floor of `error` is the error of the true mean in the same chains."""
    biases = [100 * (one.forecast - 1) for one in outcomes]
    mean = statistics.fmean(biases)
    error = statistics.stdev(biases) / sqrt(len(biases)) if len(biases) > 1 else float("nan")
    is_small = abs(mean) <= LARGEST_BIAS
    note = f"± {error:.1f}, mean of {len(biases)} chains"
    yield Figure(f"{name}.bias", round(mean, 3), "%", bar=f"within ± {LARGEST_BIAS:g}", ok=is_small, note=note)
    largest = told(f"{name}.bias_largest", max(biases, key=abs), "%", "of one chain, against the true mean")
    yield within(largest, -LARGEST_BIAS, LARGEST_BIAS)
    of_history = 100 * statistics.fmean(one.level for one in outcomes)
    yield told(f"{name}.bias_deviation", _root_mean_square(biases), "%", f"the mean of all past days: {of_history:.1f}")
    ours = _root_mean_square([100 * (one.forecast / one.came - 1) for one in outcomes])
    floor = _root_mean_square([100 * (1 / one.came - 1) for one in outcomes])
    by_formula = 100 * statistics.fmean(one.floor for one in outcomes)
    ratio = round(ours / floor, 2) if floor else None
    yield Figure(
        f"{name}.error", round(ours, 3), "% of the total that came", round(floor, 3), ratio,
        note=f"floor: the true mean; by its formula {by_formula:.1f}",
    )  # fmt: skip
    covered = 100 * statistics.fmean(one.held for one in outcomes)
    yield within(told(f"{name}.covered", covered, "%", "stores, P10 to P90"), *COVERAGE)


def _root_mean_square(values: Sequence[float]) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
