"""Chains with one year of history, whose stores close at New Year without any entry."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import history
from functions.forecast.engine.holidays.holiday_calendar import holidays_of
from functions.forecast.engine.holidays.holiday_closures import expected_closures
from tests.functions.forecast.chains import NEVER, rows

FIRST, ORIGIN = date(2016, 1, 1), date(2016, 12, 23)
HORIZON = 30
NEW_YEAR = [date(2016, 1, 1), date(2016, 1, 2), date(2016, 1, 3)]
CLOSED = {"s0", "s1", "s2", "s3"}


def closed_days(
    factor: Callable[[int, date], float], first: date = FIRST, *, country: str = "JP"
) -> dict[str, set[date]]:
    """By store, the days after the origin on which the rule closes it."""
    sales = rows(6, (ORIGIN - first).days + 1, first=first, factor=factor)
    past = history.read(sales[sales["revenue"] > 0], NEVER)
    holidays = holidays_of(country, past.first_day, past.days + HORIZON)
    store, ahead = (index.ravel() for index in np.indices((6, HORIZON)))
    closed = expected_closures(holidays, past.revenue, store, past.days + ahead)
    days: dict[str, set[date]] = {name: set() for name in past.stores}
    for row in np.flatnonzero(closed):
        days[past.stores[store[row]]].add(ORIGIN + timedelta(days=int(ahead[row]) + 1))
    return days


def test_stores_that_closed_at_new_year_close_again_and_also_on_31_december_by_custom() -> None:
    days = closed_days(lambda store, day: float(not (store < len(CLOSED) and day in NEW_YEAR)))
    expected = {date(2016, 12, 31), date(2017, 1, 1), date(2017, 1, 2), date(2017, 1, 3)}
    assert days == {name: expected if name in CLOSED else set() for name in days}


def test_a_closure_of_one_store_alone_was_its_own_decision() -> None:
    days = closed_days(lambda store, day: float(not (store == 0 and day in NEW_YEAR)), date(2015, 12, 1))
    assert not any(days.values())


def test_a_store_that_opened_since_then_does_as_most_of_its_chain() -> None:
    def factor(store: int, day: date) -> float:
        opened_late = store == 5 and day < date(2016, 6, 1)
        return float(not (opened_late or (store < len(CLOSED) and day in NEW_YEAR)))

    days = closed_days(factor, date(2015, 11, 1))
    assert date(2017, 1, 1) in days["s5"]
    assert not days["s4"]


@pytest.mark.parametrize("weekday", [4, 5, 6])  # of 1, 2 and 3 January 2016
def test_a_weekday_on_which_a_store_never_opens_is_no_holiday_closure(weekday: int) -> None:
    days = closed_days(lambda _store, day: float(day.weekday() != weekday), date(2015, 12, 1))
    assert not any(days.values())


def test_a_country_without_customary_days_has_its_public_holidays_alone() -> None:
    days = closed_days(lambda _store, day: float(day not in NEW_YEAR), date(2015, 12, 1), country="DE")
    assert days["s0"] == {date(2017, 1, 1), date(2017, 1, 2), date(2017, 1, 3)}
