"""member.purchased → how lately the member bought, as a band of days since."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, as_date
from functions.members.facts.totals import Facts

VALUES = ("week", "month", "quarter", "half_year", "older")


class Limits(Thresholds):
    """A gap of at most so many days is the band; anything longer is `older`."""

    days: tuple[int, int, int, int] = (7, 30, 90, 180)


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The band of the days since the last purchase."""
    history = facts.history
    if not history:
        return None
    gap = history.gap(today.day)
    why = {"last": history.last.isoformat(), "days_since": gap}
    for name, most in zip(VALUES, limits.days, strict=False):
        if gap <= most:
            return Value(name, why, as_date(history.last_ordinal + most + 1))
    return Value(VALUES[-1], why)


TAG = Tag("recency", 1, ("days",), value, Limits, VALUES)
handler = calculate.function(TAG)
