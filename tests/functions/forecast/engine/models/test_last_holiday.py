"""Forecasts near a holiday: last year's sales beside it, on another weekday, are half of the forecast."""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.forecast.engine.arrays import Values
from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.models import baseline_models, lightgbm_models
from functions.forecast.engine.models.calibration import BASE_MODELS
from functions.forecast.engine.models.calibration_windows import holiday_shift as shift_of_trees
from functions.forecast.engine.models.calibration_windows import predictions, rows_of
from functions.forecast.engine.models.last_holiday import holiday_shift
from functions.forecast.engine.models.train import train
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import FIRST, NEVER, SMALL, rows

# 4 July is a Tuesday in 2023 and a Thursday in 2024.
LAST, EVE = date(2024, 6, 19), date(2024, 7, 3)
DAYS = (LAST - FIRST).days + 1
BUSY = float(np.log(1.5))


def busy_eves(_store: int, day: date) -> float:
    return 1.5 if (day.month, day.day) == (7, 3) else 1.0


def panel_of(stores: int, noise: float = 0.08) -> Panel:
    past = history.read(rows(stores, DAYS, noise=noise, factor=busy_eves), NEVER)
    return Panel(past, covariates.build("US", past.stores, FIRST, LAST + timedelta(days=30)), 30)


def usual_day(panel: Panel, extra: float = 0.0) -> NDArray[np.float64]:
    """[day ahead]: the shift of store 0, if a model forecasts its usual day, plus `extra`."""
    table_rows = rows_of(panel, [DAYS - 1], 30)

    def forecast(table: FeatureTable) -> Values:
        return (panel.baseline_forecast(table.rows) + np.float32(extra))[:, None]

    shift = holiday_shift(panel, table_rows, forecast)
    assert shift.shape == (len(table_rows.store), 1)
    of_store: NDArray[np.float64] = shift[table_rows.store == 0, 0].astype(float)
    return of_store


def test_a_day_that_last_year_was_busy_on_another_weekday_moves_half_of_the_way() -> None:
    shift = usual_day(panel_of(20))
    eve = (EVE - LAST).days - 1
    # Four standard errors of the mean of 20 stores, whose difference has about 1.2 times a day's noise.
    noise = 4 * 0.08 * 1.2 / np.sqrt(20)
    assert shift[eve] == pytest.approx((BUSY - noise) / 2, abs=0.04)
    others = np.delete(shift, eve)
    assert np.abs(others).max() < 0.04
    assert (shift[: eve - 2] == 0).all(), "far from the holiday nothing moves"


def test_a_model_that_knows_the_busy_day_is_not_moved() -> None:
    eve = (EVE - LAST).days - 1
    assert usual_day(panel_of(20), BUSY)[eve] == pytest.approx(0, abs=0.02)
    assert usual_day(panel_of(20), 2 * BUSY)[eve] < -0.1


def test_the_noise_of_three_stores_moves_nothing() -> None:
    assert (usual_day(panel_of(3, noise=0.3)) == 0).all()
    assert (usual_day(panel_of(1)) == 0).all()


def test_a_store_alone_moves_as_it_does_among_all_stores() -> None:
    panel = panel_of(20)
    every = rows_of(panel, [DAYS - 1], 30)

    def forecast(table: FeatureTable) -> Values:
        return panel.baseline_forecast(table.rows)[:, None]

    one = every.at(every.store == 7)
    np.testing.assert_array_equal(
        holiday_shift(panel, one, forecast), holiday_shift(panel, every, forecast)[every.store == 7]
    )


def test_data_after_the_origin_moves_nothing() -> None:
    panel = panel_of(20)
    origin, target = (date(2023, 6, 19) - FIRST).days, (date(2023, 7, 3) - FIRST).days
    store = np.arange(20)
    first_year = Rows(store, np.full(20, origin), np.full(20, target))
    shift = holiday_shift(panel, first_year, lambda table: panel.baseline_forecast(table.rows)[:, None])
    assert (shift == 0).all(), "the history has no holiday before this one"


def test_the_trees_move_and_the_simple_models_do_not() -> None:
    past = history.read(rows(20, DAYS, factor=busy_eves), NEVER)
    inputs = covariates.build("US", past.stores, FIRST, LAST + timedelta(days=30))
    models = train(past, inputs, SMALL, last_day=LAST)
    panel, table = models.table(past, inputs, LAST, 30)
    trees = np.stack([*lightgbm_models.predict(models.boosters, panel, table, small=models.small)], axis=1)
    simple = np.stack([*baseline_models.predict(panel, table)], axis=1)
    shift = shift_of_trees(panel, table.rows, models.boosters, small=models.small)
    moved = predictions(panel, table, models.boosters, small=models.small)
    np.testing.assert_array_equal(moved, np.hstack([trees + shift, simple]).astype(np.float32))
    assert moved.shape[1] == len(BASE_MODELS)
    eve = table.rows.target == panel.index(EVE)
    # The trees of so small a training do not know the day, and half of what they miss is added.
    assert (shift[eve] > 0.01).any()
    forecast = models.forecast(past, inputs, LAST)
    of_eve = forecast[forecast["date"] == EVE]["mean"].to_numpy()
    usual = np.exp(panel.baseline_forecast(table.rows)[eve])
    assert (of_eve / usual).mean() > 1.15
