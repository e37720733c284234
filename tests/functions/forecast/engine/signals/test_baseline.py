"""The baseline learns level, weekday profile and promotion effect of chains with stated rules."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.signals.baseline import Baseline, smooth
from functions.forecast.engine.signals.panel import Panel
from tests.functions.forecast.chains import FIRST, NEVER, rows

WEEKDAY = np.arange(140) % 7


def smoothed(log_revenue: list[list[float]]) -> Baseline:
    logs = np.array(log_revenue, np.float32)
    return smooth(logs, WEEKDAY[: logs.shape[1]], np.zeros(logs.shape, np.float32))


def test_weekday_and_promotion_are_separated_from_the_level() -> None:
    def on_promotion(_store: int, day: date) -> float:
        return 1.4 if day.timetuple().tm_yday // 7 % 3 == 0 else 1.0

    sales = rows(2, 400, factor=on_promotion, noise=0.01)
    past = history.read(sales, NEVER)
    promo = (pd.to_datetime(sales["date"]).dt.day_of_year // 7 % 3 == 0).astype(int)
    inputs = covariates.build("US", past.stores, FIRST, past.last_day, sales[["store_id", "date"]].assign(promo=promo))
    baseline = Panel(past, inputs, 30).baseline
    np.testing.assert_allclose(np.exp(baseline.promotion_effect[:, -1]), 1.4, rtol=0.05)
    np.testing.assert_allclose(np.exp(baseline.profile[:, -1, 5] - baseline.profile[:, -1, 6]), 1.5 / 0.7, rtol=0.05)


def test_the_one_step_error_is_measured_against_the_baseline_of_the_day_before() -> None:
    constant = [7.0] * 100
    baseline = smoothed([[*constant, 7.5, 7.0]])
    assert baseline.one_step_error[0, 50] == pytest.approx(0, abs=1e-6)
    assert baseline.one_step_error[0, 100] == pytest.approx(0.5, abs=1e-6)


def test_one_exceptional_day_moves_the_level_by_at_most_two_spreads_of_error() -> None:
    steady = [7.0, 7.1] * 60
    before, after = (smoothed([[*steady, value]]) for value in (7.0, 2.0))
    limit = 2 * float(before.spread[0, -2])
    fall = float(before.level[0, -1] - after.level[0, -1])
    assert 0 < fall <= 0.05 * 2 * limit + 1e-6  # the gain of the level, from at most +limit to -limit


def test_a_closed_day_changes_nothing_and_has_no_error() -> None:
    baseline = smoothed([[7.0] * 30 + [np.nan]])
    assert np.isnan(baseline.one_step_error[0, 30])
    assert baseline.level[0, 30] == baseline.level[0, 29]
    assert baseline.age[0, 30] == 30


def test_a_young_store_has_the_profile_of_its_chain() -> None:
    week = np.array([-0.3, -0.2, -0.1, 0.0, 0.2, 0.4, 0.0])
    old = 7 + week[WEEKDAY]
    young = np.where(np.arange(140) < 138, np.nan, 6 + week[WEEKDAY])
    baseline = smoothed([old.tolist(), old.tolist(), young.tolist()])
    friday, sunday = (baseline.profile[:, -1, weekday] for weekday in (4, 6))
    assert friday[2] - sunday[0] == pytest.approx(0.2, abs=0.05)  # it was open on Saturday and Sunday alone
    assert friday[2] == pytest.approx(friday[0], abs=0.03)
