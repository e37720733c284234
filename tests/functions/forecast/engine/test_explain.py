"""The drivers of a forecast multiply to it, and have about the size of the rules of the chain."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.explain import DRIVERS, _residual_effects, driver_of, explain
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import train
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel
from tests.functions.forecast.chains import FIRST, NEVER, SMALL, rows

DAYS = 300
ORIGIN = FIRST + timedelta(days=DAYS - 1)
Forecast = tuple[ModelSet, Panel, FeatureTable]


def on_promotion(day: date) -> bool:
    return day.toordinal() // 5 % 4 == 0


@pytest.fixture(scope="module")
def forecast() -> Forecast:
    """A chain that sells half as much again on promotion, and its next thirty days."""
    sales = rows(4, DAYS, factor=lambda _store, day: 1.5 if on_promotion(day) else 1.0, noise=0.03)
    past = history.read(sales, NEVER)
    dates = pd.date_range(FIRST, periods=DAYS + 30)
    entries = pd.DataFrame({"store_id": np.repeat(past.stores, len(dates)), "date": np.tile(dates, 4)})
    entries["promo"] = [int(on_promotion(day.date())) for day in entries["date"]]
    entries["open"] = 1
    inputs = covariates.build("US", past.stores, FIRST, dates[-1].date(), entries)
    models = train(past, inputs, SMALL, last_day=ORIGIN)
    return models, *models.table(past, inputs, ORIGIN, 30)


@pytest.fixture(scope="module")
def explanation(forecast: Forecast) -> pd.DataFrame:
    models, panel, table = forecast
    return explain(models, panel, table, models.log_forecast(panel, table))


def product(explanation: pd.DataFrame) -> "pd.Series[float]":
    factors = explanation[["baseline", *DRIVERS, "remainder"]]
    return factors.prod(axis=1)


def test_the_effects_of_the_trees_lead_from_a_typical_row_to_the_row_itself(forecast: Forecast) -> None:
    models, _, table = forecast
    one_model = replace(models, weights=dict.fromkeys(models.weights, 0.0) | {"squared": 1.0})
    [squared] = models.boosters["squared"]
    way = np.asarray(squared.predict(table.matrix)) - np.asarray(squared.predict(models.typical[None, :]))
    np.testing.assert_allclose(sum(_residual_effects(one_model, table).values()), way, atol=1e-5)


def test_the_factors_multiply_to_the_forecast(forecast: Forecast, explanation: pd.DataFrame) -> None:
    models, panel, table = forecast
    mean = models.rows(panel, table, models.log_forecast(panel, table), models.open_probability(panel, table))["mean"]
    np.testing.assert_allclose(product(explanation), mean, rtol=1e-4)


def test_an_unusual_first_week_is_in_no_weekday_effect() -> None:
    """The first days of a till have a hundredth of the sales, as in a trial."""
    sales = rows(4, DAYS, noise=0.03)
    sales.loc[pd.to_datetime(sales["date"]) < pd.Timestamp(FIRST) + pd.Timedelta(days=3), "revenue"] /= 100
    past = history.read(sales, NEVER)
    inputs = covariates.build("US", past.stores, FIRST, ORIGIN + timedelta(days=30))
    models = train(past, inputs, SMALL, last_day=ORIGIN)
    panel, table = models.table(past, inputs, ORIGIN, 30)
    log_forecast = models.log_forecast(panel, table)
    explanation = explain(models, panel, table, log_forecast)
    assert explanation["weekday"].between(0.6, 1.7).all()
    recent = dict(zip(past.stores, past.revenue[:, -28:].mean(1), strict=True))
    np.testing.assert_allclose(explanation["baseline"], explanation["store_id"].map(recent), rtol=0.15)
    np.testing.assert_allclose(product(explanation), np.exp(log_forecast), rtol=1e-4)


def test_a_promotion_and_a_saturday_have_about_the_effect_of_the_rules(explanation: pd.DataFrame) -> None:
    promoted = explanation["date"].map(on_promotion)
    saturday = pd.to_datetime(explanation["date"]).dt.day_of_week == 5
    assert explanation.loc[promoted, "promotion"].mean() == pytest.approx(1.5, rel=0.15)
    assert explanation.loc[~promoted, "promotion"].mean() == pytest.approx(1, abs=0.1)
    assert explanation.loc[promoted, "reasons"].str.contains(r"promotion \+\d+ %").all()
    assert explanation.loc[saturday, "reasons"].str.contains(r"Saturday \+\d+ %").all()
    # Saturday's 1.5 against the week's mean of 1.007
    assert explanation.loc[saturday, "weekday"].mean() == pytest.approx(1.5 / 1.0, rel=0.2)


@pytest.mark.parametrize(
    ("column", "driver"),
    [
        ("promo_-7_-1", "promotion"),
        ("regime_probability", "promotion"),
        ("effect_before_public", "holiday"),
        ("effect_before_closed", "opening"),
        ("open_weekday_4", "opening"),
        ("days_since_open", "opening"),
        ("chain_every_14", "weekday"),
        ("year_ago_holiday_chain", "holiday"),
        ("year_ago_week", "seasonality"),
        ("seasonality_chain", "seasonality"),
        ("weather_rain_-7_-1", "weather"),
        ("event_before", "event"),
        ("level_364", "trend"),
    ],
)
def test_a_feature_belongs_to_one_driver(column: str, driver: str) -> None:
    assert driver_of(column) == driver
