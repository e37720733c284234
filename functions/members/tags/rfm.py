"""member.purchased → the segment of recency, frequency and money together."""

from bisect import bisect_right
from functools import cache

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value, Window, first_change
from functions.members.facts.totals import Facts

VALUES = ("champion", "loyal", "big_spender", "promising", "hibernating", "ordinary")
TOP, HIGH, LOW = 5, 4, 2


class Limits(Thresholds):
    """Scores are 1 to 5. `gap` has the greatest number of days for R 5, 4, 3 and 2.

    `purchases` and `amount` have the least numbers within `window` days for F and M 2, 3, 4 and 5.
    """

    window: Window = 365
    gap: tuple[int, int, int, int] = (14, 30, 90, 180)
    purchases: tuple[int, int, int, int] = (2, 4, 8, 16)
    amount: tuple[int, int, int, int] = (5_000, 15_000, 40_000, 100_000)


@cache
def segment(recency: int, frequency: int, money: int) -> str:
    """The first rule that matches."""
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
    """The segment of the three scores. Without a purchase each score only falls."""
    history = facts.history
    if not history:
        return None
    now, window = today.day.toordinal(), limits.window
    older = sorted([history.last_ordinal + most + 1 for most in limits.gap])
    rarer = history.purchases.falls(window, now, limits.purchases)
    poorer = history.money.falls(window, now, limits.amount)

    def scores(day: int) -> tuple[int, int, int]:
        frequency, money = len(rarer) - bisect_right(rarer, day), len(poorer) - bisect_right(poorer, day)
        return TOP - bisect_right(older, day), 1 + frequency, 1 + money

    recency, frequency, money = scores(now)
    why = {"recency": recency, "frequency": frequency, "money": money}
    changes = first_change(lambda day: segment(*scores(day)), now, [*older, *rarer, *poorer])
    return Value(segment(recency, frequency, money), why, changes)


TAG = Tag("rfm", 1, ("days",), value, Limits, VALUES)
handler = tag_handler(TAG)
