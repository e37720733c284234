"""The bench of totals: figures by hand, its floor by many draws, and one small chain from training to figures."""

import numpy as np
import pytest

from bench import totals
from bench.totals import Outcome, figures, outcome
from tests.functions.forecast.chains import SMALL
from tests.functions.forecast.noisy_chains import noisy_chain


def test_the_figures_stand_beside_those_of_the_true_mean() -> None:
    outcomes = [Outcome(1.03, 0.98, 0.75, 0.02, 0.01), Outcome(0.99, 1.02, 0.85, 0.02, 0.01)]
    by_name = {figure.name.removeprefix("noisy."): figure for figure in figures("noisy", outcomes)}
    assert {name: figure.value for name, figure in by_name.items()} == {
        "bias": 1,
        "bias_largest": 3,
        "bias_deviation": 2.236,  # √((3² + 1²) / 2)
        "error": 4.164,  # 1.03 / 0.98 = 1.05102, 0.99 / 1.02 = 0.97059: √((5.102² + 2.941²) / 2)
        "covered": 80,
    }
    assert by_name["error"].floor == 2.001  # 1 / 0.98 = 1.0204, 1 / 1.02 = 0.9804
    # The standard error of 3 and -1 is 2.83 / √2.
    assert (by_name["bias"].note, by_name["bias"].ok) == ("± 2.0, mean of 2 chains", True)
    [biased, *_] = figures("noisy", [Outcome(1.03, 1, 0.8, 0.02, 0.01)])
    assert (biased.bar, biased.ok) == ("within ± 2", False)


@pytest.mark.parametrize("trading_share", [None, 0.4])
def test_the_floor_is_the_deviation_of_drawn_totals(trading_share: float | None) -> None:
    """The same stores with 4,000 futures. Their standard deviation is known to 1.1 %, times the noise's kurtosis."""
    chain = noisy_chain(stores=12, days=28, noise=0.6, seed=4, trading_share=trading_share)
    rng = np.random.default_rng(5)
    median, chance = chain.true_median, chain.chance[:, -30:]
    drawn = [
        (median * np.exp(rng.normal(0, 0.6, median.shape)) * (rng.random(median.shape) < chance)).sum()
        for _ in range(4_000)
    ]
    assert np.mean(drawn) == pytest.approx(chain.true_mean.sum(), rel=0.01)
    assert np.std(drawn) / np.mean(drawn) == pytest.approx(chain.total_deviation, rel=0.04)


def test_the_mean_of_the_history_has_its_stated_deviation() -> None:
    errors, stated = [], []
    for seed in range(300):
        chain = noisy_chain(stores=20, days=56, noise=0.6, seed=seed)
        weekday_free = chain.revenue[:, :-30] / np.where(chain.median > 0, chain.median, 1)[:, :-30]
        factor = weekday_free.sum(axis=1) / chain.chance[:, :-30].sum(axis=1) / np.exp(0.6**2 / 2)
        share = chain.true_mean.sum(axis=1) / chain.true_mean.sum()
        errors.append((share * factor).sum() - 1)
        stated.append(chain.history_deviation)
    assert np.std(errors) == pytest.approx(np.sqrt(np.mean(np.square(stated))), rel=0.15)


def test_within_two_percent_is_often_out_of_reach_of_the_true_mean_itself() -> None:
    """By arithmetic: 100 equal stores and 30 days of noise 0.9 leave √(e^0.81 - 1) / √3000 = 2.04 %."""
    chain = noisy_chain(stores=100, days=28, noise=0.9, seed=6)
    level = chain.true_mean.sum(axis=1)
    open_days = (chain.chance[:, -30:] > 0).sum(axis=1)
    unequal = np.sqrt((level**2 / open_days).sum()) / level.sum()
    assert chain.total_deviation == pytest.approx(np.sqrt(np.exp(0.81) - 1) * unequal, rel=0.1)
    assert chain.total_deviation > 0.02


def test_a_made_chain_is_measured() -> None:
    measured = outcome(noisy_chain(stores=12, days=150, noise=0.3, seed=7), SMALL)
    assert measured.forecast == pytest.approx(1, abs=0.1)
    assert measured.came == pytest.approx(1, abs=5 * measured.floor)
    assert 0.4 <= measured.held <= 1


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in totals.KINDS}) == len(totals.KINDS)
