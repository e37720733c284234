"""LightGBM models that forecast all days of the horizon directly, in logarithms beyond level, weekday and promotion."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.settings import Settings
from functions.forecast.engine.signals.features import Table
from functions.forecast.engine.signals.panel import Panel, Places, Rows

Values = NDArray[np.float32]
Booster = lightgbm.Booster
YEAR, LEAST_WINDOW = 365, 180
LEAST_AGE = 7  # days traded before a store's first origin
LEAST_ROWS = 10  # LightGBM cannot draw four fifths of one
TYPICAL = 5_000  # rows that say what is typical
# A day seen from many origins says little new.
ROWS_OF_A_DAY = 8


@dataclass(frozen=True)
class Recipe:
    """One member: its objective, the horizons of each of its models, how far back its rows go, and from what it starts.

    With `feast` it starts from last year's feast and sees only days that had one to start from, or it would count
    the feast twice. In a small chain all do: their trees are too coarse to single a day out.
    """

    name: str
    objective: str
    blocks: tuple[tuple[int, int], ...] = ((1, 1000),)
    window: int = 10_000
    feast: bool = False


RECIPES = (
    Recipe("absolute", "regression_l1"),
    Recipe("squared", "regression"),
    Recipe("recent", "huber", window=YEAR, feast=True),
    Recipe("blocks", "regression_l1", blocks=((1, 10), (11, 1000)), window=YEAR, feast=True),
)


@dataclass(frozen=True)
class Sample:
    """Rows to learn from: the features, what was seen beyond the base (NaN where closed), and how much a row counts."""

    rows: Rows
    features: Values
    beyond: Values
    feast: Values
    weight: Values
    names: tuple[str, ...]

    @property
    def typical(self) -> Values:
        """By column the middle of what was seen; NaN where nothing was."""
        columns = self.features[:TYPICAL].T
        seen = [column[np.isfinite(column)] for column in columns]
        return np.array([np.median(column) if len(column) else np.nan for column in seen], np.float32)

    def thinned(self, share: float) -> "Sample":
        """The first `share` of the rows; they are in random order."""
        return self.at(slice(0, round(len(self.weight) * share)))

    def at(self, rows: Any) -> "Sample":
        """The rows at these places."""
        of = self.rows
        which = Rows(of.store[rows], of.origin[rows], of.target[rows])
        return Sample(which, self.features[rows], self.beyond[rows], self.feast[rows], self.weight[rows], self.names)


def draw(panel: Panel, settings: Settings, rng: np.random.Generator, *, closed: bool) -> Sample:
    """A random sample of (store, day, horizon); with `closed` also of days on which a store did not trade."""
    known = np.isfinite(panel.revenue) if closed else panel.traded
    store, target = np.nonzero(known)
    count = min(settings.rows, len(store) * ROWS_OF_A_DAY)
    chosen = rng.integers(0, len(store), count)
    store, target = store[chosen], target[chosen]
    origin = target - rng.integers(1, settings.horizon + 1, count)
    fit = origin >= 0
    fit[fit] &= panel.track.age[store[fit], origin[fit]] >= LEAST_AGE
    rows = Rows(store[fit], origin[fit], target[fit])
    table = Table(panel, rows)
    seen = panel.logs[rows.store, rows.target]
    weight = np.exp(np.clip(seen - table.level, -2, 1.5))
    return Sample(rows, table.matrix, seen - panel.base(rows), panel.feasts(rows), weight, tuple(table.names))


def fit(sample: Sample, last_target: int, settings: Settings, seed: int, *, small: bool) -> dict[str, list[Booster]]:
    """Every recipe's models from the rows whose target is not after `last_target`."""
    return {
        recipe.name: list(_fit(in_chain(recipe, small=small), sample, last_target, settings, seed + at))
        for at, recipe in enumerate(RECIPES)
    }


def in_chain(recipe: Recipe, *, small: bool) -> Recipe:
    """The recipe as a small or a large chain needs it."""
    return replace(recipe, feast=True) if small else recipe


def _fit(recipe: Recipe, sample: Sample, last_target: int, settings: Settings, seed: int) -> Iterator[Booster]:
    target, horizon = sample.rows.target, sample.rows.horizon
    wanted = sample.beyond - sample.feast if recipe.feast else sample.beyond
    had_a_year_before = max(last_target - YEAR, LEAST_WINDOW)
    window = min(recipe.window, had_a_year_before) if recipe.window <= YEAR else recipe.window
    fit = np.isfinite(wanted) & (target <= last_target) & (target > last_target - window)
    for low, high in recipe.blocks:
        rows = np.flatnonzero(fit & (horizon >= low) & (horizon <= high))
        found = dataset(sample.features[rows], wanted[rows], sample.weight[rows])
        yield lightgbm.train(parameters(recipe.objective, sample, settings, seed), found, settings.rounds)


def dataset(features: Values, wanted: NDArray[Any], weight: Values | None = None) -> lightgbm.Dataset:
    """To learn from; where next to nothing is, rows that say 0: a member whose trees saw nothing is its base."""
    if len(features) < LEAST_ROWS:
        return lightgbm.Dataset(np.zeros((LEAST_ROWS, features.shape[1])), np.zeros(LEAST_ROWS))
    return lightgbm.Dataset(features, wanted, weight=weight)


def fit_opening(sample: Sample, last_target: int, settings: Settings, seed: int) -> Booster:
    """The chance that a store trades on a day."""
    rows = np.flatnonzero(sample.rows.target <= last_target)
    data = dataset(sample.features[rows], np.isfinite(sample.beyond[rows]).astype(float))
    return lightgbm.train(parameters("binary", sample, settings, seed), data, settings.rounds // 2)


def parameters(objective: str, sample: Sample, settings: Settings, seed: int) -> dict[str, object]:
    """The more different days were seen, the finer the trees; rows that share a day say little new."""
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


def predict(models: dict[str, list[Booster]], panel: Panel, table: Table, *, small: bool) -> Iterator[Values]:
    """The logarithms of each member's forecasts, in the recipes' order."""
    base, feast = panel.base(table.rows), panel.feasts(table.rows)
    for recipe in RECIPES:
        start = base + feast if in_chain(recipe, small=small).feast else base
        yield start + beyond(recipe, models[recipe.name], table.matrix, table.rows.horizon)


def beyond(recipe: Recipe, models: list[Booster], features: Values, horizon: Places) -> Values:
    """What the recipe's models add to where it starts from, row by row."""
    found = np.empty(len(features), np.float32)
    for (low, high), model in zip(recipe.blocks, models, strict=True):
        rows = (horizon >= low) & (horizon <= high)
        if rows.any():
            found[rows] = model.predict(features[rows])
    return found
