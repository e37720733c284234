"""member.purchased → the mean amount of the member's purchases."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, band
from functions.members.facts.totals import Facts

VALUES = ("small", "medium", "large")


class Limits(Thresholds):
    """The mean net amount, in minor units of the member's currency, at which `medium` and `large` begin."""

    amount: tuple[int, int] = (1_500, 4_000)


def value(facts: Facts, limits: Limits, _today: Today) -> Value | None:
    """The band of the mean. Products are compared, so that no mean is rounded."""
    history = facts.history
    if not history:
        return None
    amount, purchases = history.money.total, history.paid_in_currency
    why = {"amount": amount, "purchases": purchases, "currency": history.currency}
    return Value(band([limit * purchases for limit in limits.amount], VALUES, amount), why)


TAG = Tag("ticket", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
