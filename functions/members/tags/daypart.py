"""member.purchased → the time of day at which the member buys most."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Hour, Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts

VALUES = ("breakfast", "lunch", "afternoon", "dinner", "late")


class Limits(Thresholds):
    """The full hours by the store's clock at which the parts begin. `late` ends at breakfast."""

    begins: tuple[Hour, Hour, Hour, Hour, Hour] = (5, 11, 14, 17, 22)


def value(facts: Facts, limits: Limits, _today: Today) -> Value | None:
    """The part with most purchases. Of equal parts it is the earlier one; the day begins at breakfast."""
    hours = facts.habits.get("hour")
    if not hours:
        return None
    counts = dict.fromkeys(VALUES, 0)
    for hour, count in hours.items():
        # Before breakfast no part has begun, and [-1] is `late`.
        counts[VALUES[sum(int(hour) >= begin for begin in limits.begins) - 1]] += count
    return Value(max(VALUES, key=counts.__getitem__), counts)


TAG = Tag("daypart", 1, ("habits",), value, Limits, VALUES)
handler = tag_handler(TAG)
