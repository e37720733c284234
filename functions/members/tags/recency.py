"""member.purchased → the band of days since the member's last purchase."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, as_date
from functions.members.facts.totals import Facts

VALUES = ("week", "month", "quarter", "half_year", "older")


class Limits(Thresholds):
    """The greatest number of days of each band. A longer gap is `older`."""

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
handler = tag_handler(TAG)
