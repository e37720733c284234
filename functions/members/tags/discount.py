"""member.purchased → the share of the member's purchases with a discount."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Percent, Tag, Thresholds, Today, Value, band
from functions.members.facts.totals import Facts

VALUES = ("never", "seldom", "often", "hunter")
PERCENT = 100


class Limits(Thresholds):
    """The percentage of purchases with a discount at which `often` and `hunter` begin."""

    percent: tuple[Percent, Percent] = (20, 60)


def value(facts: Facts, limits: Limits, _today: Today) -> Value | None:
    """The band of the share of purchases with a discount. `seldom` begins at one such purchase."""
    history = facts.history
    if not history:
        return None
    purchases, discounted = history.count, history.discounted
    ends = [1, *(percent * purchases for percent in limits.percent)]
    return Value(band(ends, VALUES, discounted * PERCENT), {"discounted": discounted, "purchases": purchases})


TAG = Tag("discount", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
