"""LightGBM base models: they predict the residual of the baseline directly for each horizon, in logarithms.

Method: direct multi-horizon forecasts by gradient-boosted trees (Ke et al. 2017), one global model for all stores.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np

from functions.forecast.engine.arrays import Array, Flags, Indices, Values
from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows

Booster = lightgbm.Booster
YEAR, LEAST_WINDOW = 365, 180
LEAST_AGE = 7  # days open before a store's first origin
LEAST_ROWS = 10  # LightGBM cannot sample four fifths of fewer
TYPICAL_ROWS = 5_000  # from which the typical row is taken
ROWS_A_DAY = 8  # the same day from more origins adds little information
SMALLEST_WEIGHT, LARGEST_WEIGHT = -2.0, 1.5  # logarithms of a day's expected revenue against the store's level


@dataclass(frozen=True)
class Recipe:
    """One base model.

    - `objective`: LightGBM's loss. `window`: days before the end from which its rows are taken.
    - `blocks`: first and last horizon of each of its boosters.
    - `holiday_effect`: it learns the residual of baseline and holiday effect, from days with a year before. Otherwise
      it would count the effect twice. In a small chain all recipes do so, because their trees are too coarse.
    """

    name: str
    objective: str
    blocks: tuple[tuple[int, int], ...] = ((1, 1000),)
    window: int = 10_000
    holiday_effect: bool = False


RECIPES = (
    Recipe("absolute", "regression_l1"),
    Recipe("squared", "regression"),
    Recipe("recent", "huber", window=YEAR, holiday_effect=True),
    Recipe("blocks", "regression_l1", blocks=((1, 10), (11, 1000)), window=YEAR, holiday_effect=True),
)


@dataclass(frozen=True)
class Sample:
    """Training rows: features, residual of the baseline (NaN on a closed day), holiday effect, and weight.

    `weight` is the expected revenue against the store's level, by its baseline and by the revenue of the chain's other
    stores on the day. The revenue of the store itself would be a biased weight. A day that sold more by chance would
    count more, and lift the forecast by about the variance of the noise.
    """

    rows: Rows
    features: Values
    residual: Values
    holiday_effect: Values
    weight: Values
    feature_names: tuple[str, ...]

    @property
    def typical(self) -> Values:
        """[column]: median of the first rows; NaN for a column without values."""
        columns = [column[np.isfinite(column)] for column in self.features[:TYPICAL_ROWS].T]
        return np.array([np.median(column) if len(column) else np.nan for column in columns], np.float32)

    def first(self, share: float) -> "Sample":
        """The first `share` of the rows, which are in random order."""
        return self.at(slice(0, round(len(self.weight) * share)))

    def at(self, rows: Any) -> "Sample":
        """The rows with these indices."""
        return Sample(
            rows=self.rows.at(rows),
            features=self.features[rows],
            residual=self.residual[rows],
            holiday_effect=self.holiday_effect[rows],
            weight=self.weight[rows],
            feature_names=self.feature_names,
        )


def draw_sample(panel: Panel, settings: Settings, rng: np.random.Generator, *, closed_days: bool) -> Sample:
    """A random sample of store × target × horizon; with `closed_days` also of days on which a store was closed."""
    rows = _draw_rows(np.isfinite(panel.revenue) if closed_days else panel.traded, settings, rng)
    rows = rows.at(panel.baseline.age[rows.store, rows.origin] >= LEAST_AGE)
    table = FeatureTable(panel, rows)
    baseline, holiday_effect = panel.baseline_forecast(rows), panel.holiday_effect(rows)
    others = panel.change_of_others(rows)
    expected = baseline + np.where(np.isfinite(others), others, holiday_effect) - table.level
    return Sample(
        rows=rows,
        features=table.matrix,
        residual=panel.log_revenue[rows.store, rows.target] - baseline,
        holiday_effect=holiday_effect,
        weight=np.exp(np.clip(expected, SMALLEST_WEIGHT, LARGEST_WEIGHT)),
        feature_names=tuple(table.names),
    )


def _draw_rows(eligible: Flags, settings: Settings, rng: np.random.Generator) -> Rows:
    """Rows with an `eligible[store, day]` as target and an origin in the history."""
    store, target = np.nonzero(eligible)
    count = min(settings.rows, len(store) * ROWS_A_DAY)
    drawn = rng.integers(0, len(store), count)
    store, target = store[drawn], target[drawn]
    origin = target - rng.integers(1, settings.horizon + 1, count)
    return Rows(store, origin, target).at(origin >= 0)


def fit(sample: Sample, last_target: int, settings: Settings, seed: int, *, small: bool) -> dict[str, list[Booster]]:
    """The boosters of every recipe, from rows with a target up to the day `last_target`."""
    return {
        recipe.name: list(_fit(recipe_for(recipe, small=small), sample, last_target, settings, seed + index))
        for index, recipe in enumerate(RECIPES)
    }


def recipe_for(recipe: Recipe, *, small: bool) -> Recipe:
    """The recipe for a small or a large chain."""
    return replace(recipe, holiday_effect=True) if small else recipe


def _fit(recipe: Recipe, sample: Sample, last_target: int, settings: Settings, seed: int) -> Iterator[Booster]:
    target, horizon = sample.rows.target, sample.rows.horizon
    label = sample.residual - sample.holiday_effect if recipe.holiday_effect else sample.residual
    with_year_before = max(last_target - YEAR, LEAST_WINDOW)
    window = min(recipe.window, with_year_before) if recipe.window <= YEAR else recipe.window
    usable = np.isfinite(label) & (target <= last_target) & (target > last_target - window)
    for low, high in recipe.blocks:
        rows = np.flatnonzero(usable & (horizon >= low) & (horizon <= high))
        data = dataset(sample.features[rows], label[rows], sample.weight[rows])
        yield lightgbm.train(parameters(recipe.objective, sample, settings, seed), data, settings.rounds)


def dataset(features: Values, label: Array, weight: Values | None = None) -> lightgbm.Dataset:
    """Rows for LightGBM. Without enough rows the labels are 0, so that the model equals the baseline."""
    if len(features) < LEAST_ROWS:
        return lightgbm.Dataset(np.zeros((LEAST_ROWS, features.shape[1])), np.zeros(LEAST_ROWS))
    return lightgbm.Dataset(features, label, weight=weight)


def fit_opening_model(sample: Sample, last_target: int, settings: Settings, seed: int) -> Booster:
    """A classifier: the probability that a store is open on a day."""
    rows = np.flatnonzero(sample.rows.target <= last_target)
    data = dataset(sample.features[rows], np.isfinite(sample.residual[rows]).astype(float))
    return lightgbm.train(parameters("binary", sample, settings, seed), data, settings.rounds // 2)


def parameters(objective: str, sample: Sample, settings: Settings, seed: int) -> dict[str, object]:
    """LightGBM's parameters. More distinct store-days allow finer trees; the same day from more origins does not."""
    days = len(np.unique(sample.rows.store.astype(np.int64) * 100_000 + sample.rows.target))
    return {
        "objective": objective,
        "learning_rate": settings.learning_rate,
        "num_leaves": int(np.clip(days // 1000, 8, 63)),
        "min_data_in_leaf": int(np.clip(4_000_000 // (days + 1), 50, 200)),
        "max_bin": 127,
        "feature_fraction": 0.4,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 1.0,
        "seed": seed,
        "num_threads": settings.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }


def predict(boosters: dict[str, list[Booster]], panel: Panel, table: FeatureTable, *, small: bool) -> Iterator[Values]:
    """The log forecast of each recipe, by row, in the order of `RECIPES`."""
    baseline, holiday_effect = panel.baseline_forecast(table.rows), panel.holiday_effect(table.rows)
    for recipe in RECIPES:
        start = baseline + holiday_effect if recipe_for(recipe, small=small).holiday_effect else baseline
        yield start + predict_residual(recipe, boosters[recipe.name], table.matrix, table.rows.horizon)


def predict_residual(recipe: Recipe, boosters: list[Booster], features: Values, horizon: Indices) -> Values:
    """By row: the residual that the recipe's boosters predict."""
    residual = np.empty(len(features), np.float32)
    for (low, high), booster in zip(recipe.blocks, boosters, strict=True):
        rows = (horizon >= low) & (horizon <= high)
        if rows.any():
            residual[rows] = booster.predict(features[rows])
    return residual
