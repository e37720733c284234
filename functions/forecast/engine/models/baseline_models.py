"""Members that learn nothing from other stores: what is right for a young store, and hard to beat for three."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.signals.features import Table
from functions.forecast.engine.signals.panel import Panel, Rows

Values = NDArray[np.float32]
NAMES = ("smoothed", "weekday_mean", "damped", "last_year")


def predict(panel: Panel, table: Table) -> Iterator[Values]:
    """The logarithms of each member's forecasts, in the order of `NAMES`."""
    rows, base = table.rows, panel.base(table.rows) + panel.feasts(table.rows)
    yield base
    yield np.where(np.isfinite(table.columns["weekday_8"]), base + table.columns["weekday_8"], base)
    yield base + _damped(table.columns["level_7"], table.columns["level_28"], rows)
    yield base + _as_last_year(table)


def _damped(week: Values, month: Values, rows: Rows) -> Values:
    """The last week's distance from the last month goes on, fading by a twentieth a day."""
    drift = np.nan_to_num(week - month) / 3
    faded: Values = drift * np.float32(0.95) ** rows.horizon
    return faded


def _as_last_year(table: Table) -> Values:
    """Half of how the season moved the store from the same origin a year ago, if it was there."""
    moved = table.columns["season"]
    half: Values = np.clip(np.nan_to_num(moved) / 2, -0.5, 0.5)
    return half
