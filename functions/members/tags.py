"""What a tag is: a pure function of facts, thresholds and the day, and helpers that several tags stand on."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from functions.members.facts import Counts, Facts
from functions.members.model import Model, Summary, summary_of
from shared.http import Input

# A value that only a change of the day could move is looked at again after this at the latest.
HORIZON = timedelta(days=3650)


@dataclass(frozen=True)
class Today:
    """The day on the chain's clock, and how its members are known to come back; None while there is no model."""

    day: date
    model: Model | None = None


@dataclass(frozen=True)
class Value:
    """`why` are the facts behind it; `moves_on` is the day on which it would change if nothing else happened."""

    value: str
    why: Mapping[str, Any]
    moves_on: date | None = None


class Thresholds(Input):
    """Base of a tag's thresholds, with defaults that suit a chain of pizzerias."""


@dataclass(frozen=True)
class Tag:
    """One tag. `needs` are the parts of the facts that it is made from; `values` are all it can have, where known.

    `version` grows with every change of `value`: then all members get it anew.
    """

    name: str
    version: int
    needs: tuple[str, ...]
    value: Callable[[Facts, Any, Today], Value | None]
    thresholds: type[Thresholds] = Thresholds
    values: tuple[str, ...] = ()


class History:
    """A member's purchases by day, oldest first; `money` in the currency of most purchases, the first by its code."""

    def __init__(self, facts: Facts) -> None:
        by_currency: Counter[str] = Counter()
        by_day: Counter[int] = Counter()
        for key, found in facts.days.items():
            by_currency[key.currency] += found.purchases
            by_day[key.day] += found.purchases
        self.currency = min(by_currency, key=lambda code: (-by_currency[code], code)) if by_currency else ""
        self.purchases = Series(by_day)
        self.money = Series(
            {key.day: found.amount for key, found in facts.days.items() if key.currency == self.currency}
        )
        self.paid_in_currency = by_currency[self.currency]

    @property
    def first(self) -> date:
        """The day of the first purchase."""
        return date.fromordinal(self.purchases.days[0])

    @property
    def last(self) -> date:
        """The day of the last purchase."""
        return date.fromordinal(self.purchases.days[-1])

    def summary(self, today: date) -> Summary:
        """What the model knows of the member; the first day's money is no repeat's."""
        days = self.purchases.days
        return summary_of(days, self.money.of_days_after(days[0]), today.toordinal())

    def gap(self, today: date) -> int:
        """Days since the last purchase; a purchase of a later day was today."""
        return max((today - self.last).days, 0)


class Series:
    """Sums by day that answer for any last days in logarithmic time."""

    def __init__(self, by_day: Mapping[int, int]) -> None:
        self.days = sorted(by_day)
        self._amounts = [by_day[day] for day in self.days]
        self._sums = [0]
        for amount in self._amounts:
            self._sums.append(self._sums[-1] + amount)

    @property
    def total(self) -> int:
        """Of all days."""
        return self._sums[-1]

    def of_days_after(self, day: int) -> list[int]:
        """The sums of the days after that one."""
        return self._amounts[bisect_right(self.days, day) :]

    def within(self, window: int, today: date) -> int:
        """Of the `window` days up to and with `today`, and of any later."""
        return self.total - self._sums[bisect_left(self.days, today.toordinal() - window + 1)]

    def leaving(self, window: int, today: date) -> list[date]:
        """The days to come on which something drops out of the window."""
        ends = (day + window for day in self.days)
        return [date.fromordinal(end) for end in ends if end > today.toordinal()]


def band(limits: Sequence[int], names: Sequence[str], value: int) -> str:
    """The name of the highest limit that `value` reaches; `names[0]` below all."""
    return names[sum(value >= limit for limit in limits)]


def score(limits: Sequence[int], value: int) -> int:
    """1 below all limits, one more for each that is reached."""
    return 1 + sum(value >= limit for limit in limits)


def favourite(counts: Counts) -> str | None:
    """Of the largest count, the first by code point."""
    return min(counts, key=lambda name: (-counts[name], name)) if counts else None


def moves_on(value_at: Callable[[date], str], today: date, candidates: Iterable[date]) -> date | None:
    """The first of the days on which the value is another than today; only candidates can be such days."""
    present = value_at(today)
    return next((day for day in sorted(set(candidates)) if day > today and value_at(day) != present), None)


def first_day(value_at: Callable[[date], str], today: date, final: str) -> date | None:
    """The first day within `HORIZON` on which a value is another that moves one way only, and not beyond `final`."""
    present, same, other = value_at(today), 0, HORIZON.days
    if present == final or value_at(today + HORIZON) == present:
        return None
    while other - same > 1:
        middle = (same + other) // 2
        if value_at(today + timedelta(days=middle)) == present:
            same = middle
        else:
            other = middle
    return today + timedelta(days=other)
