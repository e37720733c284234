"""member.purchased → whether the member comes on weekdays or at the weekend."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Percent, Tag, Thresholds, Today, Value, Weekday
from functions.members.facts.totals import Facts

VALUES = ("weekday", "weekend", "mixed")
PERCENT = 100


class Limits(Thresholds):
    """Weekend days (Monday 0), and the percentage of purchases that makes a member one of either."""

    weekend: tuple[Weekday, ...] = (5, 6)
    weekend_percent: Percent = 60
    weekday_percent: Percent = 80


def value(facts: Facts, limits: Limits, _today: Today) -> Value | None:
    """By the share of business days that are weekend days."""
    days = facts.habits.get("weekday")
    if not days:
        return None
    every = sum(days.values())
    weekend = sum(count for day, count in days.items() if int(day) in limits.weekend)
    why = {"weekend": weekend, "purchases": every}
    if weekend * PERCENT >= limits.weekend_percent * every:
        return Value("weekend", why)
    return Value("weekday" if (every - weekend) * PERCENT >= limits.weekday_percent * every else "mixed", why)


TAG = Tag("weekpart", 1, ("habits",), value, Limits, VALUES)
handler = calculate.function(TAG)
