"""Why a day is forecast as it is: drivers in words and numbers that multiply to the forecast."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from functions.forecast.engine.models import baseline_models, lightgbm_models
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.signals.features import Table
from functions.forecast.engine.signals.panel import Panel

Values = NDArray[np.float64]
DRIVERS = ("weekday", "promotion", "event", "holiday", "season", "weather", "opening", "trend")
# The first that a column's name begins with says which driver it belongs to.
PREFIXES = {
    "promotion": ("promo", "cycle"),
    "event": ("event",),
    "season": ("season", "year_day", "year_ago_week", "year_ago_date", "month", "days_to_month", "effect_month"),
    "holiday": (
        *("public", "regional", "off_", "off", "since_holiday", "until_holiday", "holiday", "easter", "lunar"),
        *("christmas", "year_ago_holiday", "school_holiday", "state_holiday", "effect_school", "effect_long"),
        *("effect_public", "effect_before_public", "effect_after_public"),
    ),
    "weather": ("weather",),
    "opening": ("open", "closed_for", "effect_before_closed", "effect_after_closed"),
    "weekday": ("weekday", "weeks", "chain_week", "profile", "every_", "chain_every_"),
}
NAMED_FROM = 0.02  # a driver that moves a day by less is not worth a word


def explain(models: ModelSet, panel: Panel, table: Table, centre: NDArray[np.floating[Any]]) -> pd.DataFrame:
    """store_id, date, usual (revenue of a usual day), a factor for each of `DRIVERS` and for the rest, and words.

    For each row of the table, of which the models say `centre`. `usual` times all factors is the forecast's mean, had
    the store been open.
    """
    rows = table.rows
    parts = dict.fromkeys(DRIVERS, np.zeros(len(rows.store))) | _learned(models, table)
    starts = [recipe.name for recipe in lightgbm_models.RECIPES if recipe.feast or models.small] + [
        *baseline_models.NAMES
    ]
    parts["holiday"] = parts["holiday"] + panel.feasts(rows) * sum(models.weights[name] for name in starts)
    profile = panel.track.profile[rows.store, rows.origin].astype(float)
    week = profile.mean(1)  # level and profile are found together: a first week unlike all others stays in both
    parts["weekday"] = parts["weekday"] + profile[np.arange(len(profile)), panel.weekday[rows.target]] - week
    uplift = panel.track.promo[rows.store, rows.origin] * panel.expected_promo(rows)
    parts["promotion"] = parts["promotion"] + uplift
    usual = table.level.astype(float) + week
    rest = centre - usual - sum(parts.values())
    factors = {name: np.exp(values) for name, values in parts.items()} | {"rest": np.exp(rest)}
    words = [
        _words(panel, day, moved) for day, moved in zip(rows.target, np.column_stack([*parts.values()]), strict=True)
    ]
    dates = [panel.first_day + timedelta(days=int(day)) for day in rows.target]
    stores = np.array(panel.stores)[rows.store]
    return pd.DataFrame({"store_id": stores, "date": dates, "usual": np.exp(usual), **factors, "words": words})


def _learned(models: ModelSet, table: Table) -> dict[str, Values]:
    """What each driver moves the heaviest LightGBM member by, as heavy as all such members are together.

    From a typical row to the row itself, driver by driver, forth and back, with half of each: the parts add up to
    the whole way. TreeSHAP shares it among features, for forty times the time, only to be added up by drivers.
    """
    weights = {recipe.name: models.weights[recipe.name] for recipe in lightgbm_models.RECIPES}
    heaviest = max(lightgbm_models.RECIPES, key=lambda recipe: weights[recipe.name])
    owners = np.array([driver_of(name) for name in table.names])
    moved = dict.fromkeys(DRIVERS, np.zeros(len(table.matrix)))
    typical = np.tile(models.typical, (len(table.matrix), 1))
    begin, end = (
        lightgbm_models.beyond(heaviest, models.models[heaviest.name], rows, table.rows.horizon)
        for rows in (typical, table.matrix)
    )
    drivers = [driver for driver in DRIVERS if driver in owners]
    for order in (drivers, drivers[::-1]):
        row, before = typical.copy(), begin
        for driver in order:
            row[:, owners == driver] = table.matrix[:, owners == driver]
            last = driver == order[-1]
            after = (
                end if last else lightgbm_models.beyond(heaviest, models.models[heaviest.name], row, table.rows.horizon)
            )
            moved[driver] = moved[driver] + (after - before) * sum(weights.values()) / 2
            before = after
    return moved


def driver_of(column: str) -> str:
    """The driver that a feature belongs to."""
    for driver, prefixes in PREFIXES.items():
        if column.startswith(prefixes):
            return driver
    return "trend"


def _words(panel: Panel, day: int, moved: Values) -> str:
    """The largest drivers first, as in: Saturday +32 %, before Good Friday +12 %."""
    order = np.argsort(-np.abs(moved))
    named = [at for at in order if abs(moved[at]) >= NAMED_FROM][:3]
    return ", ".join(f"{_name(panel, day, DRIVERS[at])} {100 * np.expm1(moved[at]):+.0f} %" for at in named)


def _name(panel: Panel, day: int, driver: str) -> str:
    if driver == "weekday":
        return (panel.first_day + timedelta(days=int(day))).strftime("%A")
    offset = panel.holidays.holiday_offset[day]
    if driver == "promotion" and panel.cycle is not None:
        return "turn of the weeks"
    if driver != "holiday" or not np.isfinite(offset):
        return driver
    name = panel.holidays.names[int(panel.holidays.holiday_code[day])]
    if offset == 0:
        return name
    days = "a day" if abs(offset) == 1 else f"{abs(offset):.0f} days"
    return f"{days} {'before' if offset < 0 else 'after'} {name}"
