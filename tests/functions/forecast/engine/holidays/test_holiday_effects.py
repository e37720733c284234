"""The holiday effect of last year: of a chain, of one of its stores, and how often the history has a day."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.holidays.holiday_calendar import holidays_of
from functions.forecast.engine.holidays.holiday_effects import near_holiday, times_observed
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import NEVER, rows

FIRST, ORIGIN = date(2023, 6, 1), date(2024, 12, 20)
NEW_YEARS_EVE = date(2023, 12, 31)


def effects(days: dict[date, float], first: date = FIRST) -> dict[date, list[float]]:
    """By day after the origin, the effect of its three stores; the first sold so many times more on `days`."""
    sales = rows(3, (ORIGIN - first).days + 1, first=first, factor=lambda s, day: days.get(day, 1.0) if s == 0 else 1.0)
    past = history.read(sales, NEVER)
    panel = Panel(past, covariates.build("US", past.stores, first, ORIGIN + timedelta(days=30)), 30)
    origin = panel.history_days - 1
    return {
        ORIGIN + timedelta(days=ahead): panel.holiday_effect(
            Rows(np.arange(3), np.full(3, origin), np.full(3, origin + ahead))
        ).tolist()
        for ahead in range(1, 31)
    }


def test_the_own_effect_of_a_store_repeats_for_this_store_alone() -> None:
    own, *chain = effects({NEW_YEARS_EVE: 5.0})[date(2024, 12, 31)]
    assert own == pytest.approx(0.7 * np.log(5), abs=0.15)  # 0.7 is the share that repeats
    assert np.abs(chain).max() < 0.1


def test_the_noise_of_a_store_beside_a_holiday_hardly_counts() -> None:
    assert np.abs(effects({})[date(2024, 12, 31)]).max() < 0.1  # days differ by 8 %


def test_an_unusual_day_further_from_a_holiday_is_no_effect_of_the_store() -> None:
    first, *chain = effects({date(2023, 12, 29): 5.0})[date(2024, 12, 29)]
    assert chain == pytest.approx([first, first])


def test_errors_in_the_first_two_weeks_of_a_store_are_no_effect() -> None:
    assert effects({NEW_YEARS_EVE: 5.0}, date(2023, 12, 24))[date(2024, 12, 31)] == [0, 0, 0]


def test_days_near_a_holiday_reach_as_far_as_stated() -> None:
    first = date(2024, 12, 20)
    near = near_holiday(holidays_of("US", first, 10), 3, 1)
    assert [first + timedelta(days=int(day)) for day in np.flatnonzero(near)] == [
        date(2024, 12, day)
        for day in range(22, 27)  # Christmas Day, the three days before and the day after
    ] + [date(2024, 12, 29)]  # three days before New Year


@pytest.mark.parametrize(
    ("first", "times"),
    [(date(2022, 12, 1), 2), (date(2023, 12, 24), 1), (date(2023, 12, 25), 0)],
)
def test_a_day_beside_a_holiday_is_counted_as_often_as_the_history_has_it(first: date, times: int) -> None:
    """The day is 24 December 2024, a day before Christmas Day."""
    holidays = holidays_of("US", first, (date(2024, 12, 31) - first).days + 1)
    history_days = (date(2024, 12, 20) - first).days + 1
    day = (date(2024, 12, 24) - first).days
    assert times_observed(holidays, np.ones(history_days, bool), day) == times


def test_a_day_without_data_does_not_count() -> None:
    first = date(2023, 12, 1)
    holidays = holidays_of("US", first, 400)
    has_data = np.ones(380, bool)
    has_data[(date(2023, 12, 24) - first).days] = False
    assert times_observed(holidays, has_data, (date(2024, 12, 24) - first).days) == 0


def test_a_store_has_an_effect_of_its_own_on_an_observance_only_beyond_twice_its_noise() -> None:
    day = date(2023, 10, 31)  # Halloween; days differ by 8 %
    first, origin = date(2022, 10, 1), date(2024, 10, 20)

    def effect(factor: float) -> float:
        sales = rows(3, (origin - first).days + 1, first=first,
                     factor=lambda s, at: factor if s == 0 and at == day else 1.0)  # fmt: skip
        past = history.read(sales, NEVER)
        panel = Panel(past, covariates.build("US", past.stores, first, origin + timedelta(days=30)), 30)
        return float(panel.store_holiday_effect[0, panel.index(date(2024, 10, 31))])

    assert effect(1.1) == 0
    assert effect(3.0) == pytest.approx(0.7 * (np.log(3) - 2 * 0.08), abs=0.2)
