"""A member's purchases through time, for tags that count days and windows."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from itertools import accumulate

from functions.members.model import Summary, summary_of

# A day as it is kept: ordinal, currency, purchases, amount, pieces, discounted.
DayRow = tuple[int, str, int, int, int, int]


class History:
    """A member's purchases by day, oldest first; `money` in the currency of most purchases, the first by its code."""

    def __init__(self, rows: Sequence[DayRow]) -> None:
        self._rows = rows

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
        if len({row[1] for row in self._rows}) == 1:
            return {self._rows[0][1]: sum([row[2] for row in self._rows])}
        counts: dict[str, int] = {}
        for _, currency, purchases, *_ in self._rows:
            counts[currency] = counts.get(currency, 0) + purchases
        return counts

    @cached_property
    def purchases(self) -> "Series":
        """How many, in whatever currency."""
        if len(self._by_currency) == 1:
            return Series([row[0] for row in self._rows], [row[2] for row in self._rows])
        counts: dict[int, int] = {}
        for day, _, purchases, *_ in self._rows:
            counts[day] = counts.get(day, 0) + purchases
        return Series(list(counts), list(counts.values()))

    @cached_property
    def money(self) -> "Series":
        """Net amounts, in the member's currency alone."""
        rows = [row for row in self._rows if row[1] == self.currency]
        return Series([row[0] for row in rows], [row[3] for row in rows])

    @cached_property
    def first(self) -> date:
        """The day of the first purchase."""
        return date.fromordinal(self._rows[0][0])

    @cached_property
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
