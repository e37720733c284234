"""An event that was held a year ago and is held again has its effect on the same day of the event."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import raw_inputs
from functions.forecast.engine.data.covariates import EVENT_YEAR_AGO
from functions.forecast.engine.data.plans import PlannedDays
from functions.forecast.engine.data.raw_inputs import RawInputs
from functions.forecast.engine.data.snapshot import Snapshot
from functions.forecast.engine.models.train import train
from functions.forecast.engine.predict import predict
from functions.forecast.engine.signals.features import FeatureTable
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import SMALL, rows

FIRST = date(2024, 1, 8)
FAIR, FAIR_AGAIN = date(2024, 9, 20), date(2025, 9, 12)  # three days, 357 days apart
ORIGIN = date(2025, 9, 1)
EFFECTS = (2.5, 1.8, 1.2)  # by day of the fair, for the store `s1`


def snapshot(*plans: PlannedDays) -> Snapshot:
    """Three stores; the fair was beside `s1`."""
    days = (ORIGIN - FIRST).days + 1
    fair = {FAIR + timedelta(days=n): effect for n, effect in enumerate(EFFECTS)}
    sales = rows(3, days, first=FIRST, factor=lambda store, day: fair.get(day, 1.0) if store == 1 else 1.0)
    by_store = {
        str(store): [
            f"{(date.fromisoformat(day) - FIRST).days} orders USD {round(revenue * 100)}"
            for day, revenue in zip(table["date"], table["revenue"], strict=True)
        ]
        for store, table in sales.groupby("store_id")
    }
    return raw_inputs.snapshot_of(RawInputs("US", FIRST, ORIGIN, by_store, plans, [], {}))


def event(store: str | None, first_day: date, name: str, days: int = 3) -> PlannedDays:
    return PlannedDays("event", store, first_day, first_day + timedelta(days=days - 1), name)


def test_the_days_of_an_event_correspond_to_those_of_the_event_with_its_name() -> None:
    inputs = snapshot(event("s1", FAIR, "Street fair"), event("s1", FAIR_AGAIN, " street FAIR", days=5))
    shifts = inputs.covariates.columns[EVENT_YEAR_AGO]
    begin = (FAIR_AGAIN - FIRST).days
    assert shifts[1, begin - 1 : begin + 5].tolist() == [0, -357, -357, -357, 0, 0]
    assert not shifts[[0, 2]].any()


@pytest.mark.parametrize(
    "again",
    [
        event("s1", FAIR_AGAIN, "another fair"),
        event("s1", FAIR_AGAIN, ""),
        event("s2", FAIR_AGAIN, "Street fair"),
        event("s1", FAIR + timedelta(days=200), "Street fair"),
    ],
)
def test_another_event_has_no_year_before(again: PlannedDays) -> None:
    inputs = snapshot(event("s1", FAIR, "Street fair"), again)
    assert not inputs.covariates.columns[EVENT_YEAR_AGO].any()


def test_the_effect_of_a_year_ago_is_expected_again_on_the_same_day_of_the_event() -> None:
    inputs = snapshot(event("s1", FAIR, "Street fair"), event("s1", FAIR_AGAIN, "Street fair"))
    panel = Panel(inputs.history, inputs.covariates, 30)
    targets = panel.index(FAIR_AGAIN) + np.arange(3)
    at = Rows(np.full(3, 1), np.full(3, panel.history_days - 1), targets)
    # 0.7 of a large effect is expected again; the smallest is near the store's noise of 8 %.
    np.testing.assert_allclose(panel.holiday_effect(at)[:2], 0.7 * np.log(EFFECTS[:2]), atol=0.2)
    assert 0 < panel.holiday_effect(at)[2] < 0.7 * (np.log(EFFECTS[2]) + 3 * 0.08)
    assert FeatureTable(panel, at).columns["event_effect"] == pytest.approx(panel.event_effect[1, targets])
    others = Rows(np.array([0, 2]), at.origin[:2], targets[:2])
    assert not panel.event_effect[others.store, others.target].any()


def test_a_forecast_has_the_effect_of_the_first_event_that_is_held_again_whether_it_is_planned_or_tried() -> None:
    """The fair was held once before, so no day of the history has a year before."""
    before, again = event("s1", FAIR, "Street fair"), event("s1", FAIR_AGAIN, "Street fair")
    without, planned = snapshot(before), snapshot(before, again)
    models = train(without.history, without.covariates, SMALL, last_day=ORIGIN)
    tried = without.with_plan(again, [before])
    usual, by_plan, by_trial = (
        predict(models, inputs, ORIGIN, "s1").rows.set_index("date")["mean"] for inputs in (without, planned, tried)
    )
    assert by_trial.to_dict() == by_plan.to_dict()
    # 0.7 of the effect of the first day in logarithms is 1.9 times; part of it may be in the effect of any event.
    assert 1.5 < by_trial[FAIR_AGAIN] / usual[FAIR_AGAIN] < 2.5
    unnamed = predict(models, without.with_plan(event("s1", FAIR_AGAIN, ""), [before]), ORIGIN, "s1").rows
    assert unnamed.set_index("date")["mean"][FAIR_AGAIN] < 0.8 * by_trial[FAIR_AGAIN]
