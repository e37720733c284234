"""The half-hour profile of a generated store is near the generator's truth, and near the floor of counting."""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.forecast.pipeline.half_hours import half_hour_shares, orders_per_amount
from functions.forecast.tables.day_sales import DaySales

MONDAY = date(2026, 1, 5)
HOURS = np.arange(22, 44)  # 11:00 to 22:00
LUNCH, DINNER = (np.exp(-0.5 * ((HOURS - peak) / 2.5) ** 2) for peak in (25, 38))


def truth(weekday: int) -> NDArray[np.float64]:
    """Lunch on working days, dinner at weekends; the share of each half-hour."""
    weights = 0.05 + (0.8 * LUNCH + 0.6 * DINNER if weekday < 5 else 0.4 * LUNCH + DINNER)
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def generated(days: int, orders: int, seed: int = 3) -> list[DaySales]:
    rng = np.random.default_rng(seed)
    sales = []
    for number in range(days):
        day = MONDAY + timedelta(days=number)
        counts = rng.poisson(orders * truth(day.weekday()))
        half_hours = {int(hour): int(count) for hour, count in zip(HOURS, counts, strict=True) if count}
        sales.append(DaySales(day, int(counts.sum()), int(counts.sum()) * 1200, half_hours))
    return sales


def test_the_shares_of_a_weekday_have_the_sum_of_one() -> None:
    shares = half_hour_shares(generated(60, 40))
    for weekday in range(7):
        assert sum(share for (day, _), share in shares.items() if day == weekday) == pytest.approx(1)


def test_a_weekday_is_shrunk_by_480_orders_by_hand() -> None:
    # Mondays have 520 orders at noon; of 1,000 orders in all, 700 are at noon and 300 in the evening.
    days = [
        DaySales(MONDAY, 520, 1, {24: 520}),
        DaySales(MONDAY + timedelta(days=1), 480, 1, {24: 180, 40: 300}),
    ]
    shares = half_hour_shares(days)
    assert shares[0, 24] == pytest.approx((520 + 480 * 0.7) / 1000)
    assert shares[0, 40] == pytest.approx(480 * 0.3 / 1000)


def test_a_half_hour_in_which_a_weekday_never_had_an_order_has_no_share() -> None:
    closed_early = [
        DaySales(day.day, 0, 0, {})
        if day.day.weekday() != 0
        else DaySales(
            day.day, day.orders, day.revenue, {hour: count for hour, count in day.half_hours.items() if hour < 30}
        )
        for day in generated(70, 100)
    ]
    others = [day for day in generated(70, 100) if day.day.weekday() != 0]
    mondays = [day for day in closed_early if day.orders]
    shares = half_hour_shares([*mondays, *others])
    assert not [hour for (weekday, hour) in shares if weekday == 0 and hour >= 30]
    assert [hour for (weekday, hour) in shares if weekday == 1 and hour >= 30]


def test_the_error_of_a_long_profile_is_that_of_counting_alone() -> None:
    """On 28 new days: WAPE of the profile, against the WAPE of the generator's own shares."""
    orders = 60
    sales = generated(182 + 28, orders)
    shares = half_hour_shares(sales[:182])
    missed, floor, total = 0.0, 0.0, 0
    for day in sales[182:]:
        for hour, share in zip(HOURS.tolist(), truth(day.day.weekday()).tolist(), strict=True):
            count = day.half_hours.get(hour, 0)
            missed += abs(count - day.orders * shares.get((day.day.weekday(), hour), 0))
            floor += abs(count - day.orders * share)
            total += count
    assert missed / total <= 1.03 * floor / total


def test_orders_for_each_amount_of_revenue() -> None:
    assert orders_per_amount(generated(10, 50)) == pytest.approx(1 / 1200)
    assert orders_per_amount([DaySales(MONDAY)]) == 0
    assert half_hour_shares([DaySales(MONDAY)]) == {}
