"""Half-hour profile: the share of a day's orders in each half-hour, by weekday.

A half-hour of a restaurant has few orders. So the profile is long (26 weeks), and each weekday is shrunk towards the
mean of all weekdays by the weight of 480 orders. On a public year of a pizzeria its error was that of counting alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from functions.forecast.tables.day_sales import DaySales
from functions.forecast.tables.profiles import Shares

PROFILE_DAYS = 182
SHRINKAGE = 480  # orders of all weekdays that count beside those of the weekday
LEAST_WEEKS = 8  # so many days without an order in a half-hour: the store is closed then
LEAST_SHARE = 1e-4


def half_hour_shares(days: Sequence[DaySales]) -> Shares:
    """By weekday (0 is Monday) and half-hour, the share of the day's orders; the shares of a weekday have the sum 1."""
    open_days = [day for day in days if day.orders]
    all_days = _sum(open_days)
    total = all_days.total()
    order_shares: Shares = {}
    for weekday in range(7):
        same = [day for day in open_days if day.day.weekday() == weekday]
        counts = _sum(same)
        weights = {
            half_hour: counts[half_hour] + SHRINKAGE * all_days[half_hour] / total
            for half_hour in all_days
            if counts[half_hour] or len(same) < LEAST_WEEKS
        }
        order_shares |= {(weekday, half_hour): share for half_hour, share in _shares(weights).items()}
    return order_shares


def orders_per_amount(days: Iterable[DaySales]) -> float:
    """Orders for each minor unit of revenue; 0 without revenue."""
    days = [*days]
    revenue = sum(day.revenue for day in days)
    return sum(day.orders for day in days) / revenue if revenue > 0 else 0.0


def _sum(days: Iterable[DaySales]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for day in days:
        counts.update(day.half_hours)
    return counts


def _shares(weights: dict[int, float]) -> dict[int, float]:
    total = sum(weights.values())
    large = {half_hour: weight for half_hour, weight in weights.items() if weight >= LEAST_SHARE * total}
    return {half_hour: weight / sum(large.values()) for half_hour, weight in sorted(large.items())}
