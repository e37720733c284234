"""The item profile, by hand: a new item counts from its first day, and an item that is off the menu is left out."""

from datetime import date, timedelta

import pytest

from functions.forecast.pipeline.items import item_rates
from functions.forecast.tables.day_sales import DaySales
from functions.forecast.tables.profiles import ItemRate

FIRST = date(2026, 1, 5)


def days(count: int) -> list[DaySales]:
    """1,000 of revenue a day. Soup until day 9; cake from day 20 on, two units in each order; latte every day."""
    sales = []
    for number in range(count):
        items = {"latte": (10, 10)}
        items |= {"soup": (5, 5)} if number < 10 else {}
        items |= {"cake": (4, 8)} if number >= 20 else {}
        sales.append(DaySales(FIRST + timedelta(days=number), 10, 1_000, {}, items))
    return sales


def test_units_for_each_amount_of_revenue() -> None:
    assert item_rates(days(30)) == {"latte": ItemRate(0.01, 1.0), "cake": ItemRate(0.004, 2.0)}


def test_only_the_newest_eight_weeks_count() -> None:
    old = [DaySales(FIRST - timedelta(days=60 + n), 10, 1_000, {}, {"latte": (900, 900)}) for n in range(5)]
    assert item_rates([*old, *days(30)])["latte"].units_per_amount == pytest.approx(0.01)


def test_a_store_without_orders_has_no_items() -> None:
    assert item_rates([DaySales(FIRST)]) == {}


def test_of_more_than_a_thousand_names_the_best_sellers_are_forecast() -> None:
    names = {f"typo {number:04}": (1, 1) for number in range(1_200)}
    rates = item_rates([DaySales(FIRST, 10, 100_000, {}, names | {"latte": (10, 10), "cake": (4, 8)})])
    assert len(rates) == 1_000
    assert {"latte", "cake", "typo 0997"} <= set(rates)
    assert "typo 0998" not in rates
