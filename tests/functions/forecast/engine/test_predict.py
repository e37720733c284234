"""Overrides win over the models, and the hash names a forecast bit for bit."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import train
from functions.forecast.engine.predict import forecast_hash, predict
from functions.forecast.engine.settings import HORIZON
from tests.functions.forecast.chains import SMALL, WEEK

FIRST, DAYS = date(2023, 1, 2), 140
ORIGIN = FIRST + timedelta(days=DAYS - 1)  # a Sunday


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """Two stores; the second is closed on Mondays."""
    revenue = np.tile(1_000 * WEEK[np.arange(DAYS) % 7], (2, 1))
    revenue[1, ::7] = 0
    history = History(("a", "b"), FIRST, revenue)
    overrides = np.full((2, HORIZON), np.nan, np.float32)
    overrides[0, :3] = [0, -1, 1]
    overrides[1, 0] = 1
    return Snapshot(history, Covariates("US", history.stores, FIRST, DAYS + HORIZON), overrides)


@pytest.fixture(scope="module")
def models(snapshot: Snapshot) -> ModelSet:
    return train(snapshot.history, snapshot.covariates, SMALL, last_day=ORIGIN)


def test_overrides_win_over_the_models_and_a_closed_day_has_its_cause(models: ModelSet, snapshot: Snapshot) -> None:
    rows = predict(models, snapshot, ORIGIN).rows.to_dict("records")
    days = {(row["store_id"], row["horizon"]): (row["mean"], row["reasons"]) for row in rows}
    assert days["a", 1] == (0, "closed, as was entered")
    assert days["a", 2] == (0, "closed, by its opening hours")
    assert days["b", 8] == (0, "closed, as it usually is")
    assert days["b", 1][0] > 0


def test_a_forecast_of_one_store_is_that_of_all(models: ModelSet, snapshot: Snapshot) -> None:
    chain, store = predict(models, snapshot, ORIGIN).rows, predict(models, snapshot, ORIGIN, "b").rows
    assert chain[chain["store_id"] == "b"].reset_index(drop=True).equals(store)


def test_the_hash_changes_with_any_number_any_reason_and_any_total(models: ModelSet, snapshot: Snapshot) -> None:
    prediction = predict(models, snapshot, ORIGIN)
    rows = prediction.rows
    assert forecast_hash(prediction) == forecast_hash(predict(models, snapshot, ORIGIN))
    smallest_change = rows.copy()
    smallest_change["p90"] = np.nextafter(rows["p90"], np.inf)
    other_reason = rows.copy()
    other_reason.loc[5, "reasons"] = "trend +3 %"
    other_total = prediction.totals.copy()
    other_total["p10"] = np.nextafter(prediction.totals["p10"], 0)
    changed = [replace(prediction, rows=smallest_change), replace(prediction, rows=other_reason)]
    changed.append(replace(prediction, totals=other_total))
    assert len({forecast_hash(each) for each in (prediction, *changed)}) == 4
