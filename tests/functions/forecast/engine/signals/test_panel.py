"""The panel puts history and covariates side by side, with copies of stores that open late."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.data.history import History
from functions.forecast.engine.signals.panel import LateCopies, Panel, Rows
from tests.functions.forecast.chains import FIRST, NEVER, rows

DAYS = 200


@pytest.fixture(scope="module")
def past() -> History:
    return history.read(rows(3, DAYS), NEVER)


def test_a_copy_has_the_revenue_of_its_store_from_its_first_day_on(past: History) -> None:
    inputs = covariates.build("US", past.stores, FIRST, past.last_day)
    panel = Panel(past, inputs, 30, LateCopies(np.array([2]), np.array([150])))
    assert (panel.store_count, len(panel.revenue)) == (3, 4)
    assert np.isnan(panel.revenue[3, :150]).all()
    np.testing.assert_array_equal(panel.revenue[3, 150:], panel.revenue[2, 150:])
    assert np.isfinite(past.revenue).all()


def test_an_entered_promotion_is_known_at_the_origin(past: History) -> None:
    dates = pd.date_range(FIRST, periods=DAYS + 30)
    entries = pd.DataFrame({"store_id": "s1", "date": dates, "promo": (np.arange(DAYS + 30) % 5 == 0).astype(int)})
    panel = Panel(past, covariates.build("US", past.stores, FIRST, dates[-1].date(), entries), 30)
    origin = np.full(4, DAYS - 1)
    days = Rows(np.array([0, 1, 1, 1]), origin, np.array([200, 200, 201, 205]))
    assert panel.expected_promotion(days).tolist() == [0, 1, 0, 1]
    assert not panel.regime(days).probability.any()


def test_the_newest_aligned_day_is_a_multiple_of_the_step_before_the_target(past: History) -> None:
    panel = Panel(past, covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30)), 30)
    days = Rows(np.zeros(3, int), np.array([100, 100, 100]), np.array([101, 107, 108]))
    assert panel.newest_aligned_day(days, 7).tolist() == [94, 100, 94]


def test_the_change_of_others_is_their_surge_without_the_store_s_own(past: History) -> None:
    revenue = past.revenue.copy()
    revenue[:2, 150] *= 2  # two of three stores
    revenue[2, 150] *= 10
    inputs = covariates.build("US", past.stores, FIRST, past.last_day + timedelta(days=30))
    days = Rows(np.arange(3), np.full(3, 149), np.full(3, 150))
    change = Panel(History(past.stores, FIRST, revenue), inputs, 30).change_of_others(days)
    usual = Panel(past, inputs, 30).change_of_others(days)
    # The profile of a day's own weekday, which the surge changes by a share of at most a tenth, is in the difference.
    expected = [np.log(2 * 10) / 2, np.log(2 * 10) / 2, np.log(2)]
    np.testing.assert_allclose(change - usual, expected, rtol=0.12)
    alone = Panel(past.of(["s0"]), inputs, 30).change_of_others(
        Rows(np.zeros(1, int), np.array([149]), np.array([150]))
    )
    assert np.isnan(alone).all()
