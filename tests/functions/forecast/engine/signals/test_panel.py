"""What a feast of last year says of this one, for a chain and for a single store of it."""

from datetime import date, timedelta

import numpy as np
import pytest

from functions.forecast.engine.data import covariates, history
from functions.forecast.engine.signals.panel import Panel, Rows
from tests.functions.forecast.chains import NEVER, rows

FIRST, ORIGIN = date(2023, 6, 1), date(2024, 12, 20)
EVE = date(2023, 12, 31)


def feasts(days: dict[date, float], first: date = FIRST) -> dict[date, list[float]]:
    """By day after the origin what its three stores start from, where the first sold so many times more on `days`."""
    made = rows(3, (ORIGIN - first).days + 1, first=first, factor=lambda s, day: days.get(day, 1.0) if s == 0 else 1.0)
    past = history.read(made, NEVER)
    panel = Panel(past, covariates.build("US", past.stores, first, ORIGIN + timedelta(days=30)), 30)
    found = {}
    for ahead in range(1, 31):
        asked = Rows(np.arange(3), np.full(3, panel.past - 1), np.full(3, panel.past - 1 + ahead))
        found[ORIGIN + timedelta(days=ahead)] = panel.feasts(asked).tolist()
    return found


def test_a_store_s_own_night_of_last_year_comes_again_for_it_alone() -> None:
    own, *others = feasts({EVE: 5.0})[date(2024, 12, 31)]
    assert own == pytest.approx(0.7 * np.log(5), abs=0.15)  # so much of it is taken to come again
    assert np.abs(others).max() < 0.1


def test_a_store_s_noise_beside_a_holiday_hardly_counts() -> None:
    assert np.abs(feasts({})[date(2024, 12, 31)]).max() < 0.1  # days differ by 8 %


def test_a_store_s_odd_day_further_from_a_holiday_says_nothing_of_the_store() -> None:
    first, *others = feasts({date(2023, 12, 29): 5.0})[date(2024, 12, 29)]
    assert others == pytest.approx([first, first])


def test_what_surprised_in_a_store_s_first_fortnight_is_no_feast() -> None:
    assert feasts({EVE: 5.0}, date(2023, 12, 24))[date(2024, 12, 31)] == [0, 0, 0]
