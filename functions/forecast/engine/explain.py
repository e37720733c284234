"""Drivers: the factors that multiply to a forecast (feature attribution), with its reasons in words."""

from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd

from functions.forecast.engine.arrays import Floats, Values
from functions.forecast.engine.models import baseline_models, lightgbm_models
from functions.forecast.engine.models.calibration_windows import holiday_shift
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.reasons import reasons
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel

DRIVERS = ("weekday", "promotion", "event", "holiday", "seasonality", "weather", "opening", "trend")
# A column belongs to the first driver with a prefix of its name, else to the trend.
PREFIXES = {
    "promotion": ("promo", "regime"),
    "event": ("event",),
    "seasonality": (
        "seasonality",
        "year_day",
        "year_ago_week",
        "year_ago_date",
        "month",
        "days_to_month",
        "effect_month",
    ),
    "holiday": (
        *("public", "regional", "off_", "off", "since_holiday", "until_holiday", "holiday", "easter", "lunar"),
        *("christmas", "year_ago_holiday", "school_holiday", "state_holiday", "effect_school", "effect_long"),
        *("effect_public", "effect_before_public", "effect_after_public", "ramadan"),
    ),
    "weather": ("weather",),
    "opening": ("open", "days_since_open", "effect_before_closed", "effect_after_closed"),
    "weekday": ("weekday", "weeks", "chain_week", "profile", "every_", "chain_every_"),
}


def explain(models: ModelSet, panel: Panel, table: FeatureTable, log_forecast: Values) -> pd.DataFrame:
    """By row: store_id, date, baseline (revenue of a usual day), a factor a driver, the remainder, and the reasons.

    `baseline` times all factors and the remainder is the mean, as if the store were open.
    """
    rows = table.rows
    usual_week = panel.baseline.profile[rows.store, rows.origin].astype(float).mean(1)
    baseline = table.level.astype(float) + usual_week
    effects = _effects(models, panel, table, usual_week)
    remainder = log_forecast - baseline - sum(effects.values())
    return pd.DataFrame(
        {
            "store_id": np.array(panel.stores)[rows.store],
            "date": [panel.first_day + timedelta(days=int(day)) for day in rows.target],
            "baseline": np.exp(baseline),
            **{driver: np.exp(effect) for driver, effect in effects.items()},
            "remainder": np.exp(remainder),
            "reasons": reasons(models, panel, table, effects, remainder),
        }
    )


def _effects(models: ModelSet, panel: Panel, table: FeatureTable, usual_week: Floats) -> dict[str, Floats]:
    """[row] by driver, in logarithms: the effects in the baseline and those that the trees add."""
    rows = table.rows
    effects = _residual_effects(models, table)
    with_effect = [recipe.name for recipe in lightgbm_models.RECIPES if recipe.holiday_effect or models.small]
    weight = sum(models.weights[name] for name in (*with_effect, *baseline_models.NAMES))
    event = panel.event_effect[rows.store, rows.target]
    last_holiday = holiday_shift(panel, rows, models.boosters, small=models.small)
    by_tree_model = np.array([models.weights[recipe.name] for recipe in lightgbm_models.RECIPES])
    effects["holiday"] = effects["holiday"] + (panel.holiday_effect(rows) - event) * weight
    effects["holiday"] = effects["holiday"] + (last_holiday * by_tree_model).sum(1)
    effects["event"] = effects["event"] + event * weight
    profile = panel.baseline.profile[rows.store, rows.origin, panel.weekday[rows.target]]
    # Level and profile are learned together, so an unusual first week stays in both.
    effects["weekday"] = effects["weekday"] + profile.astype(float) - usual_week
    uplift = panel.baseline.promotion_effect[rows.store, rows.origin] * panel.expected_promotion(rows)
    effects["promotion"] = effects["promotion"] + uplift
    return effects


def _residual_effects(models: ModelSet, table: FeatureTable) -> dict[str, Floats]:
    """[row] by driver: what the LightGBM models add, attributed by the one with the largest weight.

    Stepwise attribution: features of a typical row are replaced by the row's own, driver by driver, forward and
    backward, with half of each. The effects add up. TreeSHAP gives the same sum in forty times the time.
    """
    weights = {recipe.name: models.weights[recipe.name] for recipe in lightgbm_models.RECIPES}
    largest = max(lightgbm_models.RECIPES, key=lambda recipe: weights[recipe.name])
    predict = partial(
        lightgbm_models.predict_residual, largest, models.boosters[largest.name], horizon=table.rows.horizon
    )
    drivers = np.array([driver_of(name) for name in table.names])
    typical = np.tile(models.typical, (len(table.matrix), 1))
    begin, end = predict(features=typical), predict(features=table.matrix)
    effects = dict.fromkeys(DRIVERS, np.zeros(len(table.matrix)))
    order = [driver for driver in DRIVERS if driver in drivers]
    for steps in (order, order[::-1]):
        features, before = typical.copy(), begin
        for driver in steps:
            features[:, drivers == driver] = table.matrix[:, drivers == driver]
            after = end if driver == steps[-1] else predict(features=features)
            effects[driver] = effects[driver] + (after - before) * sum(weights.values()) / 2
            before = after
    return effects


def driver_of(column: str) -> str:
    """The driver that a feature belongs to."""
    for driver, prefixes in PREFIXES.items():
        if column.startswith(prefixes):
            return driver
    return "trend"
