"""Chains whose stores all opened a few weeks ago: their days have a band of the right width."""

from dataclasses import replace

import numpy as np
import pytest

from functions.forecast.engine.models.train import train
from functions.forecast.engine.settings import Settings
from tests.functions.forecast.noisy_chains import NoisyChain, by_store, noisy_chain

LIGHT = Settings(rows=20_000, rounds=30, learning_rate=0.15, validation_days=(30, 60))
NOISE = 0.3


def young_chain(youngest: int, oldest: int, seed: int) -> NoisyChain:
    """100 stores that opened between `youngest` and `oldest` days before the origin."""
    chain = noisy_chain(stores=100, days=oldest, noise=NOISE, seed=seed)
    ages = np.random.default_rng(seed).integers(youngest, oldest + 1, len(chain.revenue))
    ages[0] = oldest
    before = np.arange(chain.revenue.shape[1]) < oldest - ages[:, None]
    return replace(chain, revenue=np.where(before, np.nan, chain.revenue))


@pytest.mark.parametrize(("youngest", "oldest"), [(8, 59), (28, 60), (28, 90)])
def test_eight_of_ten_days_of_young_stores_are_within_their_band(youngest: int, oldest: int) -> None:
    chain = young_chain(youngest, oldest, seed=2)
    past, inputs = chain.past, chain.covariates()
    forecast = train(past, inputs, LIGHT, last_day=past.last_day).forecast(past, inputs, past.last_day)
    low, high = (by_store(forecast, column, past.stores) for column in ("p10", "p90"))
    is_open = chain.truth > 0
    held = ((low <= chain.truth) & (chain.truth <= high))[is_open].mean()
    # The days of a store share the error of its level, so 100 stores tell the share to about 0.03.
    assert held == pytest.approx(0.8, abs=0.08)
    # A band of 8 of 10 days of a known median is exp(±1.28 · 0.3): the bands are near that, not everywhere wide.
    width = np.median(np.log(high[is_open] / low[is_open]))
    assert width == pytest.approx(2 * 1.2816 * NOISE, rel=0.25)
