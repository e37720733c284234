"""Baseline models: simple base models that learn from one store alone, for young stores and chains of few stores."""

from collections.abc import Iterator

import numpy as np

from functions.forecast.engine.arrays import Values
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows

NAMES = ("smoothed", "weekday_mean", "damped", "last_year")
DAMPING = 0.95  # of the trend, by day (damped trend, Gardner and McKenzie 1985)
TREND_WEEKS = 3  # between the middle of the last week and the middle of the last month, about
SEASONALITY_SHARE, LARGEST_SEASONALITY = 2, 0.5


def predict(panel: Panel, table: FeatureTable) -> Iterator[Values]:
    """The log forecast of each model, by row, in the order of `NAMES`."""
    rows, columns = table.rows, table.columns
    baseline = panel.baseline_forecast(rows) + panel.holiday_effect(rows)
    yield baseline
    yield np.where(np.isfinite(columns["weekday_8"]), baseline + columns["weekday_8"], baseline)
    yield baseline + _damped_trend(columns["level_7"], columns["level_28"], rows)
    yield baseline + _last_year_seasonality(table)


def _damped_trend(week: Values, month: Values, rows: Rows) -> Values:
    """The last week's difference from the last month continues, and fades by a twentieth a day."""
    trend = np.nan_to_num(week - month) / TREND_WEEKS
    damped: Values = trend * np.float32(DAMPING) ** rows.horizon
    return damped


def _last_year_seasonality(table: FeatureTable) -> Values:
    """Half of the change from the same origin one year ago to the target's season, if the store has that data."""
    change = np.nan_to_num(table.columns["seasonality"]) / SEASONALITY_SHARE
    half: Values = np.clip(change, -LARGEST_SEASONALITY, LARGEST_SEASONALITY)
    return half
