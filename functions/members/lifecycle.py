"""member.purchased → where the member is between new and lapsed."""

from datetime import date, timedelta
from itertools import pairwise

from functions.members import runner
from functions.members.facts import Facts
from functions.members.history import History
from functions.members.tags import Tag, Thresholds, Today, Value, moves_on

VALUES = ("new", "active", "at_risk", "lapsed", "returned")


class Limits(Thresholds):
    """All in days: without a purchase for more than `at_risk` or `lapsed`; `new` since the first purchase; `returned`
    since a purchase that ended a gap of more than `lapsed`."""

    at_risk: int = 60
    lapsed: int = 180
    new: int = 30
    returned: int = 60


def returned_on(history: History, limits: Limits) -> date | None:
    """The day of the last purchase that ended a gap of more than `lapsed` days."""
    days = history.purchases.days
    ends = [after for before, after in pairwise(days) if after - before > limits.lapsed]
    return date.fromordinal(ends[-1]) if ends else None


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The first that fits of lapsed, at risk, new, returned; else active."""
    if not facts.rows:
        return None
    history = facts.history
    back = returned_on(history, limits)

    def at(day: date) -> str:
        gap = history.gap(day)
        rules = {
            "lapsed": gap > limits.lapsed,
            "at_risk": gap > limits.at_risk,
            "new": (day - history.first).days < limits.new,
            "returned": back is not None and (day - back).days < limits.returned,
        }
        return next((name for name, fits in rules.items() if fits), "active")

    ends = [(history.last, limits.at_risk + 1), (history.last, limits.lapsed + 1), (history.first, limits.new)]
    ends += [(back, limits.returned)] if back else []
    why = {"first": history.first.isoformat(), "last": history.last.isoformat()}
    why |= {"returned": back.isoformat()} if back else {}
    return Value(at(today.day), why, moves_on(at, today.day, [day + timedelta(days=n) for day, n in ends]))


TAG = Tag("lifecycle", 1, ("days",), value, Limits, VALUES)
handler = runner.function(TAG)
