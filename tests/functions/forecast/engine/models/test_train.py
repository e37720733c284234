"""A training uses other models for a small chain, and an opening model if openings are unknown."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.history import History
from functions.forecast.engine.models import train as train_module
from functions.forecast.engine.models.calibration import BASE_MODELS
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import train
from shared.spine.errors import Rejected
from tests.functions.forecast.chains import FIRST, NEVER, SMALL, rows

LIGHT = replace(SMALL, rows=1_000, rounds=3)


def trained(past: History, table: pd.DataFrame | None = None) -> ModelSet:
    inputs = covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30), table)
    return train(past, inputs, LIGHT, last_day=past.last_day)


def test_a_small_chain_uses_all_base_models_and_a_large_one_lightgbm_first(monkeypatch: pytest.MonkeyPatch) -> None:
    past = history.read(rows(2, 150), NEVER)
    assert trained(past).base_models == BASE_MODELS
    monkeypatch.setattr(train_module, "SMALL_CHAIN", 299)
    large = trained(past)
    assert large.base_models == ("absolute", "squared", "recent", "blocks")
    assert not large.small


def test_an_opening_model_is_trained_only_without_entered_openings() -> None:
    sales = rows(2, 100)
    past = history.read(sales, NEVER)
    assert trained(past).opening_model is not None
    assert trained(past, sales[["store_id", "date"]].assign(open=1)).opening_model is None


def test_a_history_of_less_than_four_weeks_is_refused() -> None:
    with pytest.raises(Rejected, match="It needs 28"):
        trained(history.read(rows(1, 27), NEVER))


@pytest.mark.parametrize(("column", "past_value"), [("promo", 1.0), ("promo", 0.0), ("weather_rain", 7.5)])
def test_a_column_that_never_changed_is_named_and_changes_nothing(column: str, past_value: float) -> None:
    past = history.read(rows(2, 120), NEVER)
    empty = covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30))
    values = np.full((2, empty.days), past_value, np.float32)
    values[:, -20:] = 1 - past_value
    constant = replace(empty, columns={column: values})
    models, without = (train(past, inputs, LIGHT, last_day=past.last_day) for inputs in (constant, empty))
    prediction = models.predict(past, constant, past.last_day)
    assert prediction.imputed == {column: "not used: it had the same value on every day of the history"}
    pd.testing.assert_frame_equal(prediction.rows, without.forecast(past, empty, past.last_day))


def test_an_entered_closure_counts_even_if_the_history_has_none() -> None:
    sales = rows(2, 120)
    past = history.read(sales, NEVER)
    table = sales[["store_id", "date"]].assign(open=1)
    closed = pd.DataFrame({"store_id": ["s0"], "date": [(past.last_day + timedelta(days=3)).isoformat()], "open": [0]})
    inputs = covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30), pd.concat([table, closed]))
    forecast = train(past, inputs, LIGHT, last_day=past.last_day).forecast(past, inputs, past.last_day)
    assert forecast.query("store_id == 's0' and horizon == 3")["p90"].item() == 0


@pytest.mark.parametrize("revenue", [1000.0, 19_999.0, 123_456_789.0])
def test_a_constant_series_has_a_band_that_is_exact_to_the_cent(revenue: float) -> None:
    past = History(("a", "b"), FIRST, np.full((2, 120), revenue))
    inputs = covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30))
    forecast = train(past, inputs, LIGHT, last_day=past.last_day).forecast(past, inputs, past.last_day)
    assert (forecast[["mean", "p10", "p50", "p90"]] == revenue).all(axis=None)
