"""A training uses other models for a small chain, and an opening model if openings are unknown."""

from dataclasses import replace
from datetime import timedelta

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
