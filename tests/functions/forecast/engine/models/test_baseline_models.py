"""Baseline models on a chain without noise, whose forecasts are computed by hand."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.models import baseline_models
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import FIRST, NEVER, WEEK, rows

DAYS, HORIZON = 420, 28


def forecasts(factor: float = 1.0, last_days: int = 0) -> dict[str, list[float]]:
    """By model, revenue of the 28 days after a chain that sells `factor` as much in its `last_days`."""
    change = FIRST + timedelta(days=DAYS - last_days)

    def sales(_store: int, day: date) -> float:
        return factor if day >= change else 1.0

    past = history.read(rows(1, DAYS, noise=0, factor=sales), NEVER)
    inputs = covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=HORIZON))
    panel = Panel(past, inputs, HORIZON)
    days = DAYS + np.arange(HORIZON)
    table = FeatureTable(panel, Rows(np.zeros(HORIZON, int), np.full(HORIZON, DAYS - 1), days))
    models = zip(baseline_models.NAMES, baseline_models.predict(panel, table), strict=True)
    return {name: np.exp(values).tolist() for name, values in models}


def test_every_model_repeats_a_chain_without_change() -> None:
    weekdays = [(FIRST + timedelta(days=DAYS + n)).weekday() for n in range(HORIZON)]
    for name, days in forecasts().items():
        assert days == pytest.approx((900 * WEEK[weekdays]).tolist(), rel=0.03), name


def test_a_trend_of_the_last_week_fades() -> None:
    changed = forecasts(1.2, last_days=7)
    damped = np.log(np.array(changed["damped"]) / np.array(changed["smoothed"]))
    assert damped[0] > 0
    assert damped[20] == pytest.approx(damped[0] * 0.95**20, rel=1e-3)
