"""member.purchased → the number of pieces in a purchase of the member."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, band
from functions.members.facts.totals import Facts

VALUES = ("single", "small", "medium", "large")


class Limits(Thresholds):
    """The mean number of pieces at which `small`, `medium` and `large` begin."""

    pieces: tuple[int, int, int] = (2, 4, 8)


def value(facts: Facts, limits: Limits, _today: Today) -> Value | None:
    """The band of the mean number of pieces. Products are compared, so that no mean is rounded."""
    history = facts.history
    if not history:
        return None
    purchases, pieces = history.count, history.pieces
    ends = [limit * purchases for limit in limits.pieces]
    return Value(band(ends, VALUES, pieces), {"pieces": pieces, "purchases": purchases})


TAG = Tag("basket", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
