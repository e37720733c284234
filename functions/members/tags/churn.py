"""member.purchased → the risk that the member has left."""

from datetime import date

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Percent, Tag, Thresholds, Today, Value, first_day
from functions.members.facts.totals import Facts

VALUES = ("low", "medium", "high")
PERCENT = 100


class Limits(Thresholds):
    """The probability, in percent, that the member will buy again. Below these the risk is `medium` and `high`."""

    percent: tuple[Percent, Percent] = (80, 40)


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The band of the probability by the chain's CLV model. Without a purchase it only falls."""
    history, model = facts.history, today.model
    if not history or model is None:
        return None

    def alive(day: date) -> float:
        return model.alive(history.summary(day))

    def at(day: date) -> str:
        return VALUES[sum(alive(day) * PERCENT < percent for percent in limits.percent)]

    why = {"alive": round(alive(today.day), 4), "repeats": len(history.days) - 1}
    return Value(at(today.day), why, first_day(at, today.day, VALUES[-1]))


TAG = Tag("churn", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
