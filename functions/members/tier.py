"""member.purchased → how much the member spent in a year, as a tier."""

from datetime import date

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value, band, moves_on

VALUES = ("bronze", "silver", "gold", "platinum")


class Limits(Thresholds):
    """Net amount of the last `window` days, in minor units of the member's currency, from which on each tier begins."""

    window: int = 365
    amount: tuple[int, int, int] = (20_000, 60_000, 150_000)


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The tier of the amount in the window."""
    if not facts.rows:
        return None
    history = facts.history

    def at(day: date) -> str:
        return band(limits.amount, VALUES, history.money.within(limits.window, day))

    amount = history.money.within(limits.window, today.day)
    why = {"amount": amount, "currency": history.currency, "window": limits.window}
    return Value(at(today.day), why, moves_on(at, today.day, history.money.falls(limits.window, limits.amount)))


TAG = Tag("tier", 1, ("days",), value, Limits, VALUES)
handler = runner.function(TAG)
