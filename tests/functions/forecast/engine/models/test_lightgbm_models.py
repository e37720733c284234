"""Training rows and the parts of a recipe."""

from datetime import timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.models import lightgbm_models
from functions.forecast.engine.models.lightgbm_models import RECIPES, Sample, draw_sample, recipe_for
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.panel import Panel
from tests.functions.forecast.chains import FIRST, NEVER, rows

SETTINGS = Settings(rows=2_000, rounds=5, threads=1)


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Two stores that are closed on Mondays."""
    past = history.read(rows(2, 200, factor=lambda _, day: float(day.weekday() > 0)), NEVER)
    return Panel(past, covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30)), 30)


def sample(panel: Panel, *, closed_days: bool) -> Sample:
    return draw_sample(panel, SETTINGS, np.random.default_rng(1), closed_days=closed_days)


def test_a_sample_has_open_days_within_the_horizon_after_a_week_of_data(panel: Panel) -> None:
    drawn = sample(panel, closed_days=False)
    assert np.isfinite(drawn.residual).all()
    assert drawn.rows.horizon.min() >= 1
    assert drawn.rows.horizon.max() <= 30
    assert (panel.baseline.age[drawn.rows.store, drawn.rows.origin] >= 7).all()


def test_a_sample_for_the_opening_model_has_closed_days_too(panel: Panel) -> None:
    closed = np.isnan(sample(panel, closed_days=True).residual)
    assert closed.mean() == pytest.approx(1 / 7, abs=0.03)


def test_every_recipe_of_a_small_chain_starts_from_the_holiday_effect() -> None:
    assert [recipe_for(recipe, small=True).holiday_effect for recipe in RECIPES] == [True] * 4
    assert [recipe_for(recipe, small=False).holiday_effect for recipe in RECIPES] == [False, False, True, True]


def test_without_enough_rows_a_model_equals_its_baseline(panel: Panel) -> None:
    few = sample(panel, closed_days=False).at(slice(0, 5))
    boosters = lightgbm_models.fit(few, panel.history_days, SETTINGS, 1, small=True)
    residual = lightgbm_models.predict_residual(RECIPES[0], boosters["absolute"], few.features, few.rows.horizon)
    assert residual.tolist() == [0] * 5


def test_each_block_of_horizons_has_its_own_booster(panel: Panel) -> None:
    drawn = sample(panel, closed_days=False)
    boosters = lightgbm_models.fit(drawn, panel.history_days, SETTINGS, 1, small=True)
    assert {name: len(models) for name, models in boosters.items()} == {
        "absolute": 1, "squared": 1, "recent": 1, "blocks": 2,
    }  # fmt: skip
    blocks = next(recipe for recipe in RECIPES if recipe.name == "blocks")
    horizon = np.array([10, 11])
    by_block = lightgbm_models.predict_residual(blocks, boosters["blocks"], drawn.features[:2], horizon)
    near, far = (np.asarray(booster.predict(drawn.features[:2])) for booster in boosters["blocks"])
    np.testing.assert_allclose(by_block, [near[0], far[1]], rtol=1e-6)
