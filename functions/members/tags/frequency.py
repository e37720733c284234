"""member.purchased → how often the member bought in the last days."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, Window, as_date
from functions.members.facts.totals import Facts

VALUES = ("none", "rare", "occasional", "regular", "heavy")


class Limits(Thresholds):
    """The number of purchases in the last `window` days at which each band after `none` begins."""

    window: Window = 90
    purchases: tuple[int, int, int, int] = (1, 2, 5, 10)


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The band of the number of purchases in the window."""
    history = facts.history
    if not history:
        return None
    series, now = history.purchases, today.day.toordinal()
    falls = series.falls(limits.window, now, limits.purchases)
    why = {"purchases": series.within(limits.window, now), "window": limits.window}
    return Value(VALUES[len(falls)], why, as_date(falls[0]) if falls else None)


TAG = Tag("frequency", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
