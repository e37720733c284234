"""member.purchased → how often the member bought of late."""

from datetime import date

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value, band, moves_on

VALUES = ("none", "rare", "occasional", "regular", "heavy")


class Limits(Thresholds):
    """Purchases in the last `window` days from which on each band after `none` begins."""

    window: int = 90
    purchases: tuple[int, int, int, int] = (1, 2, 5, 10)


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The band of the number of purchases in the window."""
    if not facts.rows:
        return None
    series = facts.history.purchases

    def at(day: date) -> str:
        return band(limits.purchases, VALUES, series.within(limits.window, day))

    why = {"purchases": series.within(limits.window, today.day), "window": limits.window}
    return Value(at(today.day), why, moves_on(at, today.day, series.falls(limits.window, limits.purchases)))


TAG = Tag("frequency", 1, ("days",), value, Limits, VALUES)
handler = runner.function(TAG)
