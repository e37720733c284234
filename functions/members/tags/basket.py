"""member.purchased → how many pieces a purchase of the member has."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, band
from functions.members.facts.totals import Facts

VALUES = ("single", "small", "medium", "large")


class Limits(Thresholds):
    """Mean pieces a purchase from which on `small`, `medium` and `large` begin."""

    pieces: tuple[int, int, int] = (2, 4, 8)


def value(facts: Facts, limits: Limits, _today: Today) -> Value | None:
    """The band of the mean number of pieces; compared by products, so that no mean is rounded."""
    history = facts.history
    if not history:
        return None
    every, pieces = history.count, history.pieces
    ends = [limit * every for limit in limits.pieces]
    return Value(band(ends, VALUES, pieces), {"pieces": pieces, "purchases": every})


TAG = Tag("basket", 1, ("days",), value, Limits, VALUES)
handler = calculate.function(TAG)
