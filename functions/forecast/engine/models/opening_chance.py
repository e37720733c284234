"""The chance that a store opens on a day: as entered, or by the opening model and rules for cases without examples."""

import numpy as np

from functions.forecast.engine.arrays import Flags, Values
from functions.forecast.engine.holidays.holiday_closures import expected_closures
from functions.forecast.engine.models.lightgbm_models import Booster
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel

CLOSED_BY_RULE = 0.08  # the largest chance on a day that a rule expects to be closed; its P90 is 0
LONG_CLOSED, UNLIKELY = 28, 0.5  # a store closed for more days stays closed if the model finds that likelier
SILENT_DAYS = 3  # unknown days up to the origin, after which a store counts as silent
RETURN_CHANCE = 0.7  # that a silent store trades, and only its data is late
HABIT_WEEKS, RARE = 4, 0.03


def opening_chance(opening_model: Booster | None, panel: Panel, table: FeatureTable) -> Values:
    """By row, from 0 to 1. Without an opening model the openings are entered, so it is 0 or 1."""
    rows = table.rows
    if opening_model is None:
        return (panel.covariates["open"][rows.store, rows.target] > 0).astype(np.float32)
    open_probability = np.asarray(opening_model.predict(table.matrix), np.float32)
    revenue = panel.revenue[: panel.store_count]
    closed = expected_closures(panel.holidays, revenue, rows.store, rows.target) | closed_weekday(table)
    closed |= (table.columns["days_since_open"] > LONG_CLOSED) & (open_probability < UNLIKELY)
    open_probability = np.where(closed, np.minimum(open_probability, CLOSED_BY_RULE), open_probability)
    silent = panel.unknown_days[rows.store, rows.origin] > SILENT_DAYS
    return np.where(silent, open_probability * RETURN_CHANCE, open_probability).astype(np.float32)


def closed_weekday(table: FeatureTable) -> Flags:
    """By row: True if the store was closed on the last four days of the weekday, and that is no chance.

    By chance it happens with the probability (1 - share of open days) to the fourth power. A chain in which no store
    ever changed its weekdays has no example from which the opening model could learn it.
    """
    columns = table.columns
    by_chance = (1 - columns["open_28"]) ** HABIT_WEEKS
    closed: Flags = (columns[f"open_weekday_{HABIT_WEEKS}"] == 0) & (by_chance <= RARE)
    return closed


def silent_stores(panel: Panel) -> dict[str, int]:
    """The silent stores with their number of unknown days up to the last day of the panel."""
    days = panel.unknown_days[: panel.store_count, -1]
    return {panel.stores[store]: int(days[store]) for store in np.flatnonzero(days > SILENT_DAYS)}
