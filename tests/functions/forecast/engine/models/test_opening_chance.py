"""The chance of opening: silent stores, weekdays that a store gave up, and stores that open now and then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.history import History
from functions.forecast.engine.models.model_set import Prediction
from functions.forecast.engine.models.train import train
from tests.functions.forecast.chains import FIRST, NEVER, SMALL, rows
from tests.functions.forecast.noisy_chains import by_store, noisy_chain

DAYS = 300
LAST = FIRST + timedelta(days=DAYS - 1)


def predicted(past: History) -> Prediction:
    inputs = covariates.build("US", past.stores, past.first_day, past.last_day + timedelta(days=30))
    return train(past, inputs, SMALL, last_day=past.last_day).predict(past, inputs, past.last_day)


def predicted_with(factor: Callable[[int, date], float]) -> Prediction:
    return predicted(history.read(rows(6, DAYS, factor=factor), NEVER))


def days_of(prediction: Prediction, store: str) -> pd.DataFrame:
    return prediction.rows[prediction.rows["store_id"] == store]


def without_last(sales: pd.DataFrame, store: str, days: int) -> History:
    """The history without the store's rows of the last days."""
    silent = (sales["store_id"] == store) & (sales["date"] > (LAST - timedelta(days=days)).isoformat())
    return history.read(sales[~silent], NEVER).closed_since_last_row()


@pytest.mark.parametrize("days", [4, 12, 28])
def test_a_silent_store_is_named_and_expected_to_trade_with_seven_of_ten_chances(days: int) -> None:
    sales = rows(6, DAYS)
    prediction, usual = predicted(without_last(sales, "s2", days)), predicted(history.read(sales, NEVER))
    assert prediction.silent == {"s2": days}
    silent = days_of(prediction, "s2")
    assert (silent["p10"] == 0).all()
    assert silent["mean"].sum() == pytest.approx(days_of(usual, "s2")["mean"].sum(), rel=0.1)
    of_month = [table.totals.query("store_id == 's2' and days == 30")["mean"].item() for table in (prediction, usual)]
    assert of_month[0] == pytest.approx(0.7 * of_month[1], rel=0.1)


@pytest.mark.parametrize("days", [1, 3])
def test_a_store_whose_data_is_a_little_late_is_forecast_as_usual(days: int) -> None:
    prediction = predicted(without_last(rows(6, DAYS), "s2", days))
    assert prediction.silent == {}
    assert (days_of(prediction, "s2")["p10"] > 0).all()


def test_a_store_without_data_for_over_four_weeks_is_closed_and_still_named() -> None:
    prediction = predicted(without_last(rows(6, DAYS), "s2", 29))
    assert prediction.silent == {"s2": 29}
    assert (days_of(prediction, "s2")["mean"] == 0).all()


def test_sundays_that_a_store_has_given_up_five_weeks_ago_are_closed() -> None:
    given_up = LAST - timedelta(days=35)
    prediction = predicted_with(lambda store, day: float(not (store == 3 and day > given_up and day.weekday() == 6)))
    on_sunday = pd.to_datetime(prediction.rows["date"]).dt.day_of_week == 6
    closed = on_sunday & (prediction.rows["store_id"] == "s3")
    assert (prediction.rows.loc[closed, ["mean", "p90"]] == 0).all(axis=None)
    assert (prediction.rows.loc[~closed, "mean"] > 0).all()


def test_a_store_that_opens_on_two_of_five_days_has_a_total_and_a_p90() -> None:
    chain = noisy_chain(stores=30, days=270, noise=0.3, seed=5, trading_share=0.4)
    past = chain.past
    light = replace(SMALL, rows=20_000, rounds=40)
    inputs = chain.covariates(openings=False)
    prediction = train(past, inputs, light, last_day=past.last_day).predict(past, inputs, past.last_day)
    every_store = prediction.totals.query("store_id == '*' and days == 30")["mean"].item()
    assert every_store == pytest.approx(chain.true_mean.sum(), rel=0.1)
    of_stores = prediction.totals.query("store_id != '*' and days == 30").set_index("store_id")["mean"]
    off = np.abs(of_stores[list(past.stores)].to_numpy() / chain.true_mean.sum(1) - 1)
    assert np.median(off) < 0.15
    assert off.max() < 0.5
    p90 = by_store(prediction.rows, "p90", past.stores)
    assert (p90 > 0).mean() > 0.98
    assert (chain.truth <= p90).mean() == pytest.approx(0.9, abs=0.03)
