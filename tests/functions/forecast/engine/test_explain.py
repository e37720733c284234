"""The drivers of a forecast multiply to it, and name what moved it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.explain import DRIVERS, _learned, _name, driver_of, explain
from functions.forecast.engine.models import model_set
from functions.forecast.engine.signals.features import Table
from functions.forecast.engine.signals.panel import Panel
from tests.functions.forecast.chains import FIRST, NEVER, SMALL, rows

DAYS = 300
ORIGIN = FIRST + timedelta(days=DAYS - 1)


def promoted(day: object) -> bool:
    return pd.Timestamp(str(day)).toordinal() // 5 % 4 == 0


@pytest.fixture(scope="module")
def made() -> tuple[model_set.ModelSet, Panel, Table]:
    """A chain that sells half as much again on promotion, and its next thirty days."""
    past = history.read(rows(4, DAYS, factor=lambda _store, day: 1.5 if promoted(day) else 1.0, noise=0.03), NEVER)
    dates = pd.date_range(FIRST, periods=DAYS + 30)
    known = pd.DataFrame({"store_id": np.repeat(past.stores, len(dates)), "date": np.tile(dates, 4)})
    known["promo"] = [int(promoted(day.date())) for day in known["date"]]
    known["open"] = 1
    calendar = covariates.build("US", past.stores, FIRST, dates[-1].date(), known)
    models = model_set.train(past, calendar, SMALL, last_day=ORIGIN)
    return models, *models.table(past, calendar, ORIGIN, 30)


@pytest.fixture(scope="module")
def told(made: tuple[model_set.ModelSet, Panel, Table]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(forecast, explanation)."""
    models, panel, table = made
    centre = models.centre(panel, table)
    return models.said(panel, table, centre, models.opened(panel, table)), explain(models, panel, table, centre)


def test_what_the_drivers_learned_moves_a_typical_row_all_the_way(
    made: tuple[model_set.ModelSet, Panel, Table],
) -> None:
    models, _, table = made
    only = replace(models, weights=dict.fromkeys(models.weights, 0.0) | {"squared": 1.0})
    [squared] = models.models["squared"]
    way = np.asarray(squared.predict(table.matrix)) - np.asarray(squared.predict(models.typical[None, :]))
    np.testing.assert_allclose(sum(_learned(only, table).values()), way, atol=1e-5)


def test_factors_multiply_to_the_forecast(told: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    said, why = told
    product = why["usual"] * why[[*DRIVERS, "rest"]].prod(axis=1)
    np.testing.assert_allclose(product, said["mean"], rtol=1e-4)


def test_a_first_week_unlike_all_others_does_not_make_every_weekday_a_feast() -> None:
    """A till's first days, of a hundredth: as if somebody had tried it out."""
    sold = rows(4, DAYS, noise=0.03)
    sold.loc[pd.to_datetime(sold["date"]) < pd.Timestamp(FIRST) + pd.Timedelta(days=3), "revenue"] /= 100
    past = history.read(sold, NEVER)
    calendar = covariates.build("US", past.stores, FIRST, ORIGIN + timedelta(days=30))
    models = model_set.train(past, calendar, SMALL, last_day=ORIGIN)
    panel, table = models.table(past, calendar, ORIGIN, 30)
    centre = models.centre(panel, table)
    why = explain(models, panel, table, centre)
    assert why["weekday"].between(0.6, 1.7).all()
    usual = dict(zip(past.stores, past.revenue[:, -28:].mean(1), strict=True))
    np.testing.assert_allclose(why["usual"], why["store_id"].map(usual), rtol=0.15)
    np.testing.assert_allclose(why["usual"] * why[[*DRIVERS, "rest"]].prod(axis=1), np.exp(centre), rtol=1e-4)


def test_a_promotion_and_a_saturday_are_named_with_about_what_they_bring(
    told: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    _, why = told
    on_promo = why["date"].map(promoted)
    saturday = pd.to_datetime(why["date"]).dt.day_of_week == 5
    assert why.loc[on_promo, "promotion"].mean() == pytest.approx(1.5, rel=0.15)
    assert why.loc[~on_promo, "promotion"].mean() == pytest.approx(1, abs=0.1)
    assert why.loc[on_promo, "words"].str.contains(r"promotion \+\d+ %").all()
    assert why.loc[saturday, "words"].str.contains(r"Saturday \+\d+ %").all()
    # Saturday's 1.5 against the week's mean of 1.007
    assert why.loc[saturday, "weekday"].mean() == pytest.approx(1.5 / 1.0, rel=0.2)


@pytest.mark.parametrize(("offset", "words"), [(-2, "2 days before "), (-1, "a day before "), (1, "a day after ")])
def test_a_day_beside_a_holiday_is_named_as_people_say_it(
    made: tuple[model_set.ModelSet, Panel, Table], offset: int, words: str
) -> None:
    _, panel, _ = made
    day = int(np.flatnonzero(panel.holidays.holiday_offset == offset)[0])
    assert _name(panel, day, "holiday").startswith(words)


@pytest.mark.parametrize(
    ("column", "driver"),
    [
        ("promo_-7_-1", "promotion"),
        ("effect_before_public", "holiday"),
        ("effect_before_closed", "opening"),
        ("open_weekday_4", "opening"),
        ("chain_every_14", "weekday"),
        ("year_ago_holiday_chain", "holiday"),
        ("year_ago_week", "season"),
        ("weather_rain_-7_-1", "weather"),
        ("event_before", "event"),
        ("level_364", "trend"),
    ],
)
def test_a_feature_belongs_to_one_driver(column: str, driver: str) -> None:
    assert driver_of(column) == driver
