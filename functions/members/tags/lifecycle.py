"""member.purchased → the member's stage between new and lapsed."""

from datetime import date
from itertools import pairwise
from typing import Self

from pydantic import model_validator

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, first_change
from functions.members.facts.history import History
from functions.members.facts.totals import Facts

VALUES = ("new", "active", "at_risk", "lapsed", "returned")


class Limits(Thresholds):
    """Numbers of days: `at_risk` and `lapsed` without a purchase, `new` after the first purchase.

    `returned` counts from a purchase that ended a gap of more than `lapsed` days.
    """

    at_risk: int = 60
    lapsed: int = 180
    new: int = 30
    returned: int = 60

    @model_validator(mode="after")
    def _lapsed_after_at_risk(self) -> Self:
        if self.at_risk > self.lapsed:
            raise ValueError("at_risk: at most lapsed")
        return self


def returned_on(history: History, limits: Limits) -> int | None:
    """The day of the last purchase that ended a gap of more than `lapsed` days."""
    days = history.days
    ends = [after for before, after in pairwise(days) if after - before > limits.lapsed]
    return ends[-1] if ends else None


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The first stage that matches: lapsed, at risk, new or returned. Otherwise active."""
    history = facts.history
    if not history:
        return None
    first, last, back = history.days[0], history.last_ordinal, returned_on(history, limits)

    def at(day: int) -> str:
        gap = max(day - last, 0)
        if gap > limits.lapsed:
            return "lapsed"
        if gap > limits.at_risk:
            return "at_risk"
        if day - first < limits.new:
            return "new"
        return "returned" if back is not None and day - back < limits.returned else "active"

    now = today.day.toordinal()
    ends = [last + limits.at_risk + 1, last + limits.lapsed + 1, first + limits.new]
    why = {"first": history.first.isoformat(), "last": history.last.isoformat()}
    if back is not None:
        ends.append(back + limits.returned)
        why["returned"] = date.fromordinal(back).isoformat()
    return Value(at(now), why, first_change(at, now, ends))


TAG = Tag("lifecycle", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
