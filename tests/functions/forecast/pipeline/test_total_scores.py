"""Totals of past days beside their revenue, by hand."""

from datetime import date, timedelta

import pytest

from functions.forecast.pipeline.total_scores import PastRevenue, revenue_by_day, scores_of
from functions.forecast.tables.totals import EVERY_STORE, Total

FIRST = date(2026, 1, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def past(newest: int, **by_store: dict[int, int]) -> PastRevenue:
    return PastRevenue(FIRST, day(newest), by_store)


def total(store: str, mean: int, days: int = 7) -> Total:
    return Total(store, days, stores=1, mean=mean, p10=mean - 100, p50=mean, p90=mean + 100)


def test_a_total_is_beside_the_sum_of_its_days_and_a_day_without_a_row_has_no_revenue() -> None:
    revenue = {40: 1000, 41: 10, 42: 20, 44: 30, 47: 40, 48: 5000}
    [score] = scores_of([total("north", 150)], past(50, north=revenue), day(47))
    assert (score.last_day, score.days, score.revenue, score.covered) == (day(47), 7, 10 + 20 + 30 + 40, True)
    [missed] = scores_of([total("north", 201)], past(50, north=revenue), day(47))
    assert not missed.covered


@pytest.mark.parametrize(
    ("last_data", "newest", "revenue"),
    [
        (47, 47, 60),
        (45, 50, None),  # two days may come late
        (45, 73, None),
        (45, 74, 60),  # for more than 28 days there is no data: the store is closed
    ],
)
def test_a_store_whose_data_may_be_late_has_no_score(last_data: int, newest: int, revenue: int | None) -> None:
    days = {41: 60 - 10 * (last_data > 41), last_data: 10}
    assert past(newest, north=days).total("north", day(47), 7) == revenue


def test_the_chain_s_total_waits_for_all_of_its_stores() -> None:
    totals = [total(EVERY_STORE, 300), total("north", 100), total("south", 200)]
    north, south = {47: 110}, {47: 190}
    complete = list(scores_of(totals, past(47, north=north, south=south), day(47)))
    assert [(score.store, score.revenue) for score in complete] == [("*", 300), ("north", 110), ("south", 190)]
    late = list(scores_of(totals, past(47, north=north, south={46: 190}), day(47)))
    assert [score.store for score in late] == ["north"]


def test_of_two_sources_of_a_day_the_import_counts() -> None:
    lines = ["3 orders USD 500", "3 import USD 700", "4 orders USD 900"]
    assert revenue_by_day(lines) == revenue_by_day(lines[::-1]) == {3: 700, 4: 900}
