"""The year before of an event: by name, store and time."""

from datetime import date, timedelta

import pytest

from functions.forecast.engine.data import covariates
from functions.forecast.engine.data.events import events_year_ago
from functions.forecast.engine.data.plans import PlannedDays

FIRST = date(2025, 1, 6)
LAST_YEAR, THIS_YEAR = date(2025, 5, 2), date(2026, 5, 1)  # 364 days apart
STORES = ("north", "south")


def fair(store: str | None, first_day: date, name: str = "fair", kind: str = "event") -> PlannedDays:
    return PlannedDays(kind, store, first_day, first_day, name)


def days_to_last_year(*plans: PlannedDays) -> list[float]:
    empty = covariates.build("US", STORES, FIRST, THIS_YEAR)
    return [float(value) for value in events_year_ago(plans, empty)[:, -1]]


@pytest.mark.parametrize(
    ("before", "again", "expected"),
    [
        ("north", "north", [-364, 0]),
        (None, "north", [-364, 0]),
        (None, None, [-364, -364]),
        ("north", None, [-364, 0]),  # of all stores, only one has an event to compare with
        ("north", "south", [0, 0]),
    ],
)
def test_an_event_is_compared_in_the_stores_that_had_it(
    before: str | None, again: str | None, expected: list[float]
) -> None:
    assert days_to_last_year(fair(before, LAST_YEAR), fair(again, THIS_YEAR)) == expected


def test_the_event_of_the_store_itself_wins_over_one_of_all_stores() -> None:
    plans = [fair("north", LAST_YEAR), fair(None, LAST_YEAR + timedelta(days=7)), fair(None, THIS_YEAR)]
    assert days_to_last_year(*plans) == days_to_last_year(*reversed(plans)) == [-364, -357]


def test_a_promotion_has_no_year_before() -> None:
    assert days_to_last_year(fair(None, LAST_YEAR, kind="promotion"), fair(None, THIS_YEAR, kind="promotion")) == [0, 0]
