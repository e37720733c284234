"""member.purchased → the tier of the amount that the member spent in a year."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, Window, as_date
from functions.members.facts.totals import Facts

VALUES = ("bronze", "silver", "gold", "platinum")


class Limits(Thresholds):
    """The net amount of the last `window` days at which each tier after `bronze` begins, in minor units."""

    window: Window = 365
    amount: tuple[int, int, int] = (20_000, 60_000, 150_000)


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The tier of the amount in the window."""
    history = facts.history
    if not history:
        return None
    series, now = history.money, today.day.toordinal()
    falls = series.falls(limits.window, now, limits.amount)
    why = {"amount": series.within(limits.window, now), "currency": history.currency, "window": limits.window}
    return Value(VALUES[len(falls)], why, as_date(falls[0]) if falls else None)


TAG = Tag("tier", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
