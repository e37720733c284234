"""member.purchased → the segment of recency, frequency and money together."""

from datetime import date, timedelta

from functions.members import runner
from functions.members.facts import Facts
from functions.members.history import History
from functions.members.tags import Tag, Thresholds, Today, Value, moves_on, score

VALUES = ("champion", "loyal", "big_spender", "promising", "hibernating", "ordinary")
TOP, HIGH, LOW = 5, 4, 2


class Limits(Thresholds):
    """Scores are 1 to 5. `gap` days are the most for R 5, 4, 3 and 2; `purchases` and `amount` within `window` days are
    the least for F and M 2, 3, 4 and 5."""

    window: int = 365
    gap: tuple[int, int, int, int] = (14, 30, 90, 180)
    purchases: tuple[int, int, int, int] = (2, 4, 8, 16)
    amount: tuple[int, int, int, int] = (5_000, 15_000, 40_000, 100_000)


def scores(history: History, limits: Limits, day: date) -> tuple[int, int, int]:
    """(R, F, M) on that day."""
    gap = history.gap(day)
    recency = TOP - sum([gap > most for most in limits.gap])
    frequency = score(limits.purchases, history.purchases.within(limits.window, day))
    return recency, frequency, score(limits.amount, history.money.within(limits.window, day))


def segment(recency: int, frequency: int, money: int) -> str:
    """The first rule that fits."""
    if min(recency, frequency, money) >= HIGH:
        return "champion"
    if frequency >= HIGH:
        return "loyal"
    if money >= HIGH:
        return "big_spender"
    if recency >= HIGH:
        return "promising"
    return "hibernating" if recency <= LOW else "ordinary"


def value(facts: Facts, limits: Limits, today: Today) -> Value | None:
    """The segment of the three scores."""
    if not facts.rows:
        return None
    history = facts.history

    def at(day: date) -> str:
        return segment(*scores(history, limits, day))

    ages = [history.last + timedelta(days=most + 1) for most in limits.gap]
    ends = history.purchases.falls(limits.window, limits.purchases)
    ends += history.money.falls(limits.window, limits.amount)
    why = dict(zip(("recency", "frequency", "money"), scores(history, limits, today.day), strict=True))
    return Value(at(today.day), why, moves_on(at, today.day, [*ages, *ends]))


TAG = Tag("rfm", 1, ("days",), value, Limits, VALUES)
handler = runner.function(TAG)
