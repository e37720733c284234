"""member.purchased → how much the member spent in a year, as a tier."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, Window, as_date
from functions.members.facts.totals import Facts

VALUES = ("bronze", "silver", "gold", "platinum")


class Limits(Thresholds):
    """Net amount of the last `window` days, in minor units of the member's currency, from which on each tier begins."""

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
handler = calculate.function(TAG)
