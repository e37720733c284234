"""member.purchased → how much the member buys by discounts."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Percent, Tag, Thresholds, Today, Value, band
from functions.members.facts.totals import Facts

VALUES = ("never", "seldom", "often", "hunter")
PERCENT = 100


class Limits(Thresholds):
    """The percentage of purchases with money off from which on `often` and `hunter` begin."""

    percent: tuple[Percent, Percent] = (20, 60)


def value(facts: Facts, limits: Limits, _today: Today) -> Value | None:
    """The band of the share of purchases with a discount; one is enough for `seldom`."""
    history = facts.history
    if not history:
        return None
    every, discounted = history.count, history.discounted
    ends = [1, *(percent * every for percent in limits.percent)]
    return Value(band(ends, VALUES, discounted * PERCENT), {"discounted": discounted, "purchases": every})


TAG = Tag("discount", 1, ("days",), value, Limits, VALUES)
handler = calculate.function(TAG)
