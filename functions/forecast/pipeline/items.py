"""Item profile: the units of each item for each minor unit of revenue, and how many units an order has of it."""

from collections.abc import Sequence
from datetime import timedelta

from functions.forecast.tables.day_sales import DaySales
from functions.forecast.tables.profiles import ItemRate

ITEM_DAYS = 56
# Of a store, its best sellers. Thirty days of them still fit a reply. Unknown items of tills have names without limit.
MOST_ITEMS = 1_000
SOLD_WITHIN = timedelta(days=14)  # an item without a sale since then is not on the menu any more


def item_rates(days: Sequence[DaySales]) -> dict[str, ItemRate]:
    """By item, over the newest eight weeks; of a new item, since the day of its first sale."""
    open_days = sorted((day for day in days if day.orders), key=lambda day: day.day)
    if not open_days:
        return {}
    newest = open_days[-1].day
    recent = [day for day in open_days if day.day > newest - timedelta(days=ITEM_DAYS)]
    on_sale = {item for day in recent if day.day > newest - SOLD_WITHIN for item in day.items}
    rates = {item: _rate(item, recent) for item in sorted(on_sale)}
    sold = {item: rate for item, rate in rates.items() if rate is not None}
    best = sorted(sold, key=lambda item: (-sold[item].units_per_amount, item))[:MOST_ITEMS]
    return {item: sold[item] for item in sorted(best)}


def _rate(item: str, days: Sequence[DaySales]) -> ItemRate | None:
    first = next(index for index, day in enumerate(days) if item in day.items)
    sales = [day.items[item] for day in days[first:] if item in day.items]
    revenue, units = sum(day.revenue for day in days[first:]), sum(count for count, _ in sales)
    if revenue <= 0 or units <= 0:
        return None
    return ItemRate(units / revenue, sum(squares for _, squares in sales) / units)
