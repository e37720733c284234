"""A snapshot is unchanged by storage, and a plan changes its own days alone."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data.covariates import Covariates
from functions.forecast.engine.data.history import History
from functions.forecast.engine.data.plans import PlannedDays
from functions.forecast.engine.data.snapshot import Snapshot, digest
from functions.forecast.engine.settings import HORIZON
from shared.spine.errors import Rejected

FIRST, DAYS = date(2024, 1, 1), 40
LAST = FIRST + timedelta(days=DAYS - 1)


def snapshot(**columns: float) -> Snapshot:
    """Two stores; each column has the same value on all days."""
    history = History(("a", "b"), FIRST, np.full((2, DAYS), 100.0))
    shape = (2, DAYS + HORIZON)
    values = {name: np.full(shape, value, np.float32) for name, value in columns.items()}
    covariates = Covariates("US", history.stores, FIRST, DAYS + HORIZON, values)
    return Snapshot(history, covariates, np.full((2, HORIZON), np.nan, np.float32))


def test_a_snapshot_is_unchanged_by_storage_and_its_hash_names_its_content() -> None:
    stored = snapshot(promo=1, weather_rain=np.nan).dump()
    assert Snapshot.load(stored).dump() == stored
    assert Snapshot.load(stored).columns == ["promo", "weather_rain"]
    assert digest(stored) != digest(snapshot(promo=0, weather_rain=np.nan).dump())


def test_a_covariate_without_entries_is_none_and_weather_is_missing() -> None:
    columns = snapshot(promo=1).with_columns(["event", "weather_rain"]).covariates.columns
    assert set(columns) == {"event", "weather_rain"}
    assert (columns["event"] == 0).all()
    assert np.isnan(columns["weather_rain"]).all()


@pytest.mark.parametrize(("kind", "value"), [("closure", 0), ("opening", 1)])
def test_a_closure_or_opening_is_an_override_of_its_days_and_store(kind: str, value: float) -> None:
    plan = PlannedDays(kind, "b", LAST + timedelta(days=2), LAST + timedelta(days=3))
    original = snapshot()
    overrides = original.with_plan(plan).overrides
    np.testing.assert_array_equal(overrides[1, :4], [np.nan, value, value, np.nan])
    assert np.isnan(overrides[0]).all()
    assert np.isnan(original.overrides).all()


def test_a_promotion_is_entered_for_all_stores_if_it_names_none() -> None:
    plan = PlannedDays("promotion", None, LAST + timedelta(days=1), LAST + timedelta(days=400))
    promo = snapshot(promo=0).with_plan(plan).covariates.columns["promo"]
    assert promo[:, :DAYS].sum() == 0
    assert promo[:, DAYS:].all()


def test_a_kind_of_plan_that_the_history_does_not_have_is_refused() -> None:
    with pytest.raises(Rejected, match="Enter past ones first"):
        snapshot(promo=0).with_plan(PlannedDays("event", None, LAST, LAST))
