"""Orders of a day are counted by the store's clock, also at night and when the clock changes."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from functions.forecast.pipeline.day_counts import day_sales, half_hour_of
from functions.forecast.tables.day_sales import OrderSale


@pytest.mark.parametrize(
    ("moment", "timezone", "half_hour"),
    [
        (datetime(2026, 1, 15, 17, 29, tzinfo=UTC), "America/New_York", 24),  # 12:29
        (datetime(2026, 7, 15, 16, 30, tzinfo=UTC), "America/New_York", 25),  # 12:30 by summer time
        (datetime(2026, 1, 15, 4, 15, tzinfo=UTC), "Asia/Shanghai", 24),
        (datetime(2026, 1, 15, 6, 15, tzinfo=UTC), "Asia/Kathmandu", 24),  # 12:00, with an offset of 5:45
        (datetime(2026, 1, 15, 5, 0, tzinfo=UTC), "America/New_York", 0),  # midnight
        (datetime(2026, 1, 15, 4, 59, tzinfo=UTC), "America/New_York", 47),
    ],
)
def test_a_half_hour_is_one_of_the_store_s_clock(moment: datetime, timezone: str, half_hour: int) -> None:
    assert half_hour_of(moment, ZoneInfo(timezone)) == half_hour


def test_a_day_is_counted_by_hand() -> None:
    noon, evening = datetime(2026, 1, 15, 12, 5, tzinfo=UTC), datetime(2026, 1, 15, 20, 40, tzinfo=UTC)
    sales = [
        OrderSale(noon, 500, {"latte": 2}),
        OrderSale(noon, 900, {"latte": 1, "cake": 3}),
        OrderSale(evening, 300, {"cake": 1}),
    ]
    day = day_sales(date(2026, 1, 15), sales, ZoneInfo("UTC"))
    assert (day.orders, day.revenue, day.half_hours) == (3, 1700, {24: 2, 41: 1})
    assert day.items == {"latte": (3, 5), "cake": (4, 10)}
