"""Rows of tables become a snapshot: sources by rank, plans over opening hours, weather by store."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data.plans import PlannedDays
from functions.forecast.engine.data.raw_inputs import ClosedByHours, RawInputs, snapshot_of
from shared.spine.errors import Rejected

FIRST, DAYS = date(2024, 1, 1), 30  # a Monday
ORIGIN = FIRST + timedelta(days=DAYS - 1)


def raw(**changes: object) -> RawInputs:
    inputs: dict[str, object] = {
        "country": "US",
        "first_day": FIRST,
        "origin": ORIGIN,
        "history": {"a": [f"{day} orders EUR 100" for day in range(DAYS)]},
        "plans": [],
        "closed_by_hours": [],
        "weather": {},
    }
    return RawInputs(**{**inputs, **changes})  # type: ignore[arg-type]


def ahead(days: int) -> date:
    return ORIGIN + timedelta(days=days)


def test_an_imported_day_wins_over_orders_and_a_missing_day_at_the_end_is_unknown() -> None:
    lines = {"a": ["0 orders EUR 5", "0 imports EUR 7", "2 orders EUR 6"]}
    history = snapshot_of(raw(history=lines)).history
    np.testing.assert_array_equal(history.revenue[0, :4], [7, 0, 6, np.nan])
    assert history.last_day == ORIGIN


def test_two_currencies_and_stores_without_revenue_are_refused() -> None:
    with pytest.raises(Rejected, match="EUR, USD"):
        snapshot_of(raw(history={"a": ["0 orders EUR 5"], "b": ["0 orders USD 7"]}))
    with pytest.raises(Rejected, match="no revenue"):
        snapshot_of(raw(history={}))


def test_a_plan_wins_over_the_opening_hours_and_a_closure_over_an_opening() -> None:
    plans = [
        PlannedDays("closure", None, ahead(2), ahead(2)),
        PlannedDays("opening", "a", ahead(1), ahead(2)),
    ]
    # The first day ahead, 31 January, is a Wednesday.
    closed = [ClosedByHours("a", 2, None), ClosedByHours("a", None, ahead(3)), ClosedByHours("z", 3, None)]
    overrides = snapshot_of(raw(plans=plans, closed_by_hours=closed)).overrides
    np.testing.assert_array_equal(overrides[0, :8], [1, 0, -1, np.nan, np.nan, np.nan, np.nan, -1])


def test_the_weather_of_a_store_wins_over_that_of_all_stores() -> None:
    weather = {"weather_rain": [("*", "0 1 1 2"), ("a", "1 9"), ("z", "0 5")]}
    rain = snapshot_of(raw(weather=weather)).covariates.columns["weather_rain"]
    np.testing.assert_array_equal(rain[0, :3], [1, 9, np.nan])


def test_a_kind_of_plan_without_past_days_is_left_out() -> None:
    past, future = PlannedDays("promotion", "a", FIRST, FIRST), PlannedDays("event", "a", ahead(1), ahead(1))
    assert snapshot_of(raw(plans=[past, future])).columns == ["promo"]
