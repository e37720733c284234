"""Chains with a single year behind them, whose stores keep the New Year: some are shut, and nobody says so."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.holidays import holiday_closures
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import NEVER, rows

FIRST, ORIGIN = date(2016, 1, 1), date(2016, 12, 23)
NEW_YEAR = [date(2016, 1, 1), date(2016, 1, 2), date(2016, 1, 3)]
SHUT = {"s0", "s1", "s2", "s3"}


def closed(factor: Callable[[int, date], float], first: date = FIRST, *, country: str = "JP") -> dict[str, set[date]]:
    """By store the days after the origin on which the rule has it closed."""
    made = rows(6, (ORIGIN - first).days + 1, first=first, factor=factor)
    past = history.read(made[made["revenue"] > 0], NEVER)
    calendar = covariates.build(country, past.stores, past.first_day, ORIGIN + timedelta(days=30))
    panel = Panel(past, calendar, 30)
    store, ahead = (part.ravel() for part in np.indices((6, 30)))
    asked = Rows(store, np.full(len(store), panel.past - 1), panel.past + ahead)
    marked = holiday_closures.expected(panel, asked)
    found: dict[str, set[date]] = {name: set() for name in past.stores}
    for at in np.flatnonzero(marked):
        found[past.stores[store[at]]].add(ORIGIN + timedelta(days=int(ahead[at]) + 1))
    return found


def test_stores_that_were_shut_at_new_year_are_again_and_on_the_last_day_of_the_year_that_banks_keep_too() -> None:
    found = closed(lambda store, day: float(not (store < len(SHUT) and day in NEW_YEAR)))
    again = {date(2016, 12, 31), date(2017, 1, 1), date(2017, 1, 2), date(2017, 1, 3)}
    assert found == {name: again if name in SHUT else set() for name in found}


def test_what_one_store_alone_did_beside_a_holiday_was_its_own_whim() -> None:
    found = closed(lambda store, day: float(not (store == 0 and day in NEW_YEAR)), date(2015, 12, 1))
    assert not any(found.values())


def test_a_store_that_opened_since_does_as_most_of_its_chain_did() -> None:
    def factor(store: int, day: date) -> float:
        opened_late = store == 5 and day < date(2016, 6, 1)
        return float(not (opened_late or (store < len(SHUT) and day in NEW_YEAR)))

    found = closed(factor, date(2015, 11, 1))
    assert date(2017, 1, 1) in found["s5"]
    assert not found["s4"]


@pytest.mark.parametrize("weekday", [4, 5, 6])  # of 1, 2 and 3 January 2016
def test_a_weekday_on_which_a_store_never_opens_says_nothing_of_the_holiday(weekday: int) -> None:
    found = closed(lambda _store, day: float(day.weekday() != weekday), date(2015, 12, 1))
    assert not any(found.values())


def test_a_country_without_days_kept_by_custom_has_its_public_holidays_alone() -> None:
    found = closed(lambda _store, day: float(day not in NEW_YEAR), date(2015, 12, 1), country="DE")
    assert found["s0"] == {date(2017, 1, 1), date(2017, 1, 2), date(2017, 1, 3)}
