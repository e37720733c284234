"""What a tag is: a pure function of facts, thresholds and the day, and helpers that several tags stand on."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
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
        self._rows = facts.rows

    @cached_property
    def currency(self) -> str:
        """The member's own."""
        counts = self._by_currency
        return min(counts, key=lambda code: (-counts[code], code))

    @property
    def paid_in_currency(self) -> int:
        """Purchases in it."""
        return self._by_currency[self.currency]

    @cached_property
    def _by_currency(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for _, currency, purchases, *_ in self._rows:
            counts[currency] = counts.get(currency, 0) + purchases
        return counts

    @cached_property
    def purchases(self) -> "Series":
        """How many, in whatever currency."""
        counts: dict[int, int] = {}
        for day, _, purchases, *_ in self._rows:
            counts[day] = counts.get(day, 0) + purchases
        return Series(list(counts), list(counts.values()))

    @cached_property
    def money(self) -> "Series":
        """Net amounts, in the member's currency alone."""
        rows = [row for row in self._rows if row[1] == self.currency]
        return Series([row[0] for row in rows], [row[3] for row in rows])

    @property
    def first(self) -> date:
        """The day of the first purchase."""
        return date.fromordinal(self._rows[0][0])

    @property
    def last(self) -> date:
        """The day of the last purchase."""
        return date.fromordinal(self._rows[-1][0])

    def summary(self, today: date) -> Summary:
        """What the model knows of the member; the first day's money is no repeat's."""
        days = self.purchases.days
        return summary_of(days, self.money.of_days_after(days[0]), today.toordinal())

    def gap(self, today: date) -> int:
        """Days since the last purchase; a purchase of a later day was today."""
        return max((today - self.last).days, 0)


class Series:
    """Sums by day that answer for any last days in logarithmic time."""

    def __init__(self, days: list[int], amounts: list[int]) -> None:
        self.days = days
        self._amounts = amounts
        self._sums = list(accumulate(amounts, initial=0))

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

    def falls(self, window: int, limits: Iterable[int]) -> list[date]:
        """For each limit that is reached, the day on which days that dropped out of the window leave less than that."""
        steps = (bisect_right(self._sums, self.total - limit) - 1 for limit in limits)
        return [date.fromordinal(self.days[step] + window) for step in steps if step >= 0]


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
