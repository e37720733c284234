"""Chains with noisy days: the point forecast is the median, and simple models count if they are better."""

from dataclasses import replace

import numpy as np
import pytest

from functions.forecast.engine.models.calibration import BASE_MODELS
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import LIGHTGBM_NAMES, train
from functions.forecast.engine.settings import Settings
from tests.functions.forecast.noisy_chains import NoisyChain, accuracy, by_store, noisy_chain

# A fifth of the rows and rounds of a night: enough trees to learn the error that the test looks for.
LIGHT = Settings(rows=40_000, rounds=40, learning_rate=0.15, validation_days=(30, 60))


@pytest.fixture(scope="module")
def chain() -> NoisyChain:
    return noisy_chain(stores=200, days=270, noise=0.6, seed=3)


@pytest.fixture(scope="module")
def models(chain: NoisyChain) -> ModelSet:
    return train(chain.past, chain.covariates(), LIGHT, last_day=chain.past.last_day)


@pytest.mark.parametrize("allowed", [BASE_MODELS, LIGHTGBM_NAMES], ids=["all base models", "the trees alone"])
def test_the_forecast_of_noisy_days_is_their_median(
    chain: NoisyChain, models: ModelSet, allowed: tuple[str, ...]
) -> None:
    past, inputs = chain.past, chain.covariates()
    if allowed == LIGHTGBM_NAMES:
        models = replace(models, weights=dict.fromkeys(BASE_MODELS, 0.0) | dict.fromkeys(LIGHTGBM_NAMES, 0.25))
    forecast = models.forecast(past, inputs, past.last_day)
    mean, middle = (by_store(forecast, column, past.stores) for column in ("mean", "p50"))
    assert accuracy(chain.truth, mean) >= accuracy(chain.truth, middle) - 0.003
    is_open = chain.truth > 0
    level = np.exp(np.log(mean[is_open] / chain.true_median[is_open]).mean())
    assert level == pytest.approx(1, abs=0.05)
    # E|y - median| / E y of a log-normal distribution with spread 0.6 is 2 Φ(0.6) - 1 = 45.15 %
    assert accuracy(chain.truth, mean) > 1 - 0.4515 - 0.02


@pytest.mark.parametrize("days", [7, 30])
def test_totals_of_noisy_days_are_unbiased_and_hold_eight_of_ten_stores(
    chain: NoisyChain, models: ModelSet, days: int
) -> None:
    past = chain.past
    totals = models.predict(past, chain.covariates(), past.last_day).totals
    of_span = totals[totals["days"] == days].set_index("store_id")
    # 200 stores of 270 days tell the mean of a day to about 1 %.
    assert of_span.loc["*", "mean"] == pytest.approx(chain.true_mean[:, :days].sum(), rel=0.02)
    stores, revenue = of_span.loc[list(past.stores)], chain.truth[:, :days].sum(axis=1)
    held = (stores["p10"] <= revenue) & (revenue <= stores["p90"])
    assert held.mean() == pytest.approx(0.8, abs=0.1)  # three standard errors of 200 stores
