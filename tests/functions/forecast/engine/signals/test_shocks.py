"""Shocks of a chain with stated ones: found, left out one year later, and no day that a holiday or a plan explains."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.models.train import train
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import NEVER, SMALL, rows

FIRST, DAYS = date(2023, 1, 2), 600
LAST = FIRST + timedelta(days=DAYS - 1)
STRIKE = [date(2023, 9, 26) + timedelta(days=n) for n in range(3)]  # no holiday in the US within the rule's days
NOISE = 0.15


def panel_of(
    factor: Callable[[int, date], float],
    days: int = DAYS,
    *,
    event: Callable[[date], bool] | None = None,
    stores: int = 8,
) -> Panel:
    sales = rows(stores, days, noise=NOISE, factor=factor)
    past = history.read(sales, NEVER)
    last = past.last_day + timedelta(days=30)
    entries = None
    if event:
        dates = pd.date_range(FIRST, last)
        entries = pd.DataFrame({"store_id": np.repeat(past.stores, len(dates)), "date": np.tile(dates, stores)})
        entries["event"] = [float(event(day.date())) for day in entries["date"]]
    return Panel(past, covariates.build("US", past.stores, FIRST, last, entries), 30)


def strike(size: float) -> Callable[[int, date], float]:
    return lambda _, day: size if day in STRIKE else 1.0


@pytest.mark.parametrize("size", [0.3, 3.0])
def test_days_on_which_the_chain_was_unusual_are_found_and_no_others(size: float) -> None:
    assert panel_of(strike(size)).shock_days == tuple(STRIKE)


def test_a_usual_chain_has_no_shocks() -> None:
    assert panel_of(lambda _store, _day: 1.0).shock_days == ()


def test_a_day_on_which_the_chain_was_closed_is_a_shock() -> None:
    assert panel_of(strike(0.0)).shock_days == tuple(STRIKE)


def test_an_unusual_day_of_some_stores_is_no_shock() -> None:
    assert panel_of(lambda store, day: 0.3 if store < 5 and day in STRIKE else 1.0).shock_days == ()


def test_a_holiday_and_an_observance_explain_an_unusual_day() -> None:
    unusual = {date(2023, 7, 4), date(2023, 11, 23), date(2024, 2, 14), date(2024, 5, 11), date(2024, 5, 12)}
    assert panel_of(lambda _, day: 2.0 if day in unusual else 1.0).shock_days == ()


def test_an_entered_event_explains_an_unusual_day() -> None:
    assert panel_of(strike(2.0), event=lambda day: day in STRIKE).shock_days == ()


def test_a_season_that_came_a_year_before_is_no_shock() -> None:
    again = [day + timedelta(days=365) for day in STRIKE]
    panel = panel_of(lambda _, day: 2.5 if day in (*STRIKE, *again) else 1.0, 660)
    assert panel.shock_days == tuple(STRIKE)


def test_a_new_level_that_lasts_is_no_shock() -> None:
    assert panel_of(lambda _, day: 0.3 if day >= STRIKE[0] else 1.0).shock_days == ()


def test_the_features_of_one_year_ago_leave_a_shock_out() -> None:
    panel = panel_of(strike(0.3), DAYS + 30)
    target = panel.index(STRIKE[0]) + 364
    origin = target - 10
    table = FeatureTable(panel, Rows(np.arange(8), np.full(8, origin), np.full(8, target)))
    for name in ("year_ago_week", "year_ago_week_chain", "year_ago_week_open", "year_ago_week_chain_open"):
        assert np.isnan(table.columns[name]).all(), name
    undisturbed = FeatureTable(panel_of(lambda _store, _day: 1.0, DAYS + 30), table.rows)
    for name in ("seasonality", "seasonality_chain"):
        np.testing.assert_allclose(table.columns[name], undisturbed.columns[name], atol=0.1)


def test_a_forecast_names_the_shocks_of_its_history() -> None:
    past = history.read(rows(8, 400, noise=NOISE, factor=strike(0.3)), NEVER)
    inputs = covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30))
    models = train(past, inputs, SMALL, last_day=past.last_day)
    assert models.predict(past, inputs, past.last_day, 30).shocks == tuple(STRIKE)
