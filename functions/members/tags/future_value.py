"""member.purchased → the amount that the member is expected to spend in the next 90 days."""

from datetime import date

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, band, first_day
from functions.members.facts.totals import Facts

VALUES = ("low", "medium", "high")
WEEKS = 90 / 7


class Limits(Thresholds):
    """The expected amount, in minor units of the member's currency, at which `medium` and `high` begin."""

    amount: tuple[int, int] = (3_000, 10_000)


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The band of expected purchases times their expected amount. It is an estimate, so floats are allowed."""
    history, model = facts.history, today.model
    if not history or model is None:
        return None

    def expected(day: date) -> int:
        summary = history.summary(day)
        return round(model.purchases_within(summary, WEEKS) * model.mean_spent(summary))

    def at(day: date) -> str:
        return band(limits.amount, VALUES, expected(day))

    why = {"expected": expected(today.day), "currency": history.currency}
    return Value(at(today.day), why, first_day(at, today.day, VALUES[0]))


TAG = Tag("future_value", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
