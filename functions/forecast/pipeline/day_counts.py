"""Sales of one business day, counted by half-hour of the store's clock and by item."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from functions.forecast.tables.day_sales import DaySales, OrderSale

MINUTES = 30
LONGEST_ITEM = 64  # characters


def day_sales(day: date, sales: Iterable[OrderSale], timezone: ZoneInfo) -> DaySales:
    """The counts of a day."""
    half_hours: Counter[int] = Counter()
    units: Counter[str] = Counter()
    squares: Counter[str] = Counter()
    revenue = 0
    for sale in sales:
        half_hours[half_hour_of(sale.placed_at, timezone)] += 1
        revenue += sale.revenue
        for item, count in sale.items.items():
            units[item[:LONGEST_ITEM]] += count
            squares[item[:LONGEST_ITEM]] += count * count
    items = {item: (count, squares[item]) for item, count in units.items()}
    return DaySales(day, half_hours.total(), revenue, dict(half_hours), items)


def half_hour_of(moment: datetime, timezone: ZoneInfo) -> int:
    """The half-hour of a moment by the store's clock."""
    local = moment.astimezone(timezone)
    return (local.hour * 60 + local.minute) // MINUTES
