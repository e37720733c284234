"""member.purchased → whether the member buys on weekdays or at the weekend."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Percent, Tag, Thresholds, Today, Value, Weekday
from functions.members.facts.totals import Facts

VALUES = ("weekday", "weekend", "mixed")
PERCENT = 100


class Limits(Thresholds):
    """The days of the weekend (Monday is 0), and the percentages at which `weekend` and `weekday` begin."""

    weekend: tuple[Weekday, ...] = (5, 6)
    weekend_percent: Percent = 60
    weekday_percent: Percent = 80


def value(facts: Facts, limits: Limits, _today: Today) -> Value | None:
    """By the share of purchases on weekend days."""
    days = facts.habits.get("weekday")
    if not days:
        return None
    purchases = sum(days.values())
    weekend = sum(count for day, count in days.items() if int(day) in limits.weekend)
    why = {"weekend": weekend, "purchases": purchases}
    if weekend * PERCENT >= limits.weekend_percent * purchases:
        return Value("weekend", why)
    return Value("weekday" if (purchases - weekend) * PERCENT >= limits.weekday_percent * purchases else "mixed", why)


TAG = Tag("weekpart", 1, ("habits",), value, Limits, VALUES)
handler = tag_handler(TAG)
