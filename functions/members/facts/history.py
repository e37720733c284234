"""A member's purchases through time, for tags that count days and windows, in the form in which they are kept."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import accumulate, chain
from operator import sub

from functions.members.clv.model import Summary, summary_of

# A day: ordinal, currency, purchases, amount, pieces, discounted.
DayRow = tuple[int, str, int, int, int, int]
NEVER = date.max.toordinal()
_SMALL, _LARGE = "i", "q"  # of 4 and 8 bytes, little-endian on every machine that functions run on
_ROW_BYTES = 5 * 4 + 8


def pack(rows: Sequence[DayRow]) -> bytes:
    """Columns one after the other, oldest day first: day, currency, purchases, pieces, discounted; amount.

    All but day and currency are running sums, so that any last days are two numbers' difference.
    """
    if not rows:
        return b""
    days, currencies, purchases, amounts, pieces, discounted = zip(*rows, strict=True)
    codes = [int.from_bytes(code.encode(), "little") for code in currencies]
    small = array(_SMALL, [*days, *codes, *chain.from_iterable(map(accumulate, (purchases, pieces, discounted)))])
    return small.tobytes() + array(_LARGE, accumulate(amounts)).tobytes()


class History:
    """A member's purchases by day, oldest first; `money` in the currency of most purchases, the first by its code.

    Columns are cut from the bytes when somebody asks: that is quicker than keeping them.
    """

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._count = len(packed) // _ROW_BYTES

    def __len__(self) -> int:
        return self._count

    def _column(self, number: int) -> "array[int]":
        size = 4 * self._count
        return array(_SMALL, self._packed[number * size : (number + 1) * size])

    def _amounts(self) -> "array[int]":
        return array(_LARGE, self._packed[20 * self._count :])

    def _total(self, number: int) -> int:
        end = 4 * self._count * (number + 1)
        return int.from_bytes(self._packed[end - 4 : end], "little")

    @property
    def rows(self) -> list[DayRow]:
        """Day by day."""
        codes = map(_code, self._column(1))
        purchases, pieces, discounted = (_steps(self._column(number)) for number in (2, 3, 4))
        columns = (self._column(0), codes, purchases, _steps(self._amounts()), pieces, discounted)
        return list(zip(*columns, strict=True))

    def _only_code(self) -> int | None:
        """The currency's, where there is one alone."""
        size = 4 * self._count
        codes = self._packed[size : 2 * size]
        return int.from_bytes(codes[:4], "little") if codes == codes[:4] * self._count else None

    @cached_property
    def _own(self) -> tuple[str, int]:
        """The member's currency, and how many purchases are in it."""
        if code := self._only_code():
            return _code(code), self.count
        counts: dict[str, int] = {}
        for _, currency, purchases, *_ in self.rows:
            counts[currency] = counts.get(currency, 0) + purchases
        return min(counts.items(), key=lambda found: (-found[1], found[0]))

    @property
    def currency(self) -> str:
        """The member's own."""
        return self._own[0]

    @property
    def paid_in_currency(self) -> int:
        """Purchases in it."""
        return self._own[1]

    @property
    def purchases(self) -> "Series":
        """How many, in whatever currency."""
        return Series(self._column(0), self._column(2))

    @property
    def money(self) -> "Series":
        """Net amounts, in the member's currency alone."""
        if self._only_code():
            return Series(self._column(0), self._amounts())
        rows = [row for row in self.rows if row[1] == self.currency]
        return Series([row[0] for row in rows], list(accumulate([row[3] for row in rows])))

    @property
    def count(self) -> int:
        """All purchases."""
        return self._total(2)

    @property
    def pieces(self) -> int:
        """Of all of them."""
        return self._total(3)

    @property
    def discounted(self) -> int:
        """Purchases with money off."""
        return self._total(4)

    @cached_property
    def days(self) -> list[int]:
        """Ordinals of the days with purchases, each once."""
        days = self._column(0)
        return days.tolist() if self._only_code() else sorted(set(days))

    @property
    def last_ordinal(self) -> int:
        """The last of them."""
        return self._total(0)

    @property
    def first(self) -> date:
        """The day of the first purchase."""
        return date.fromordinal(int.from_bytes(self._packed[:4], "little"))

    @property
    def last(self) -> date:
        """The day of the last purchase."""
        return date.fromordinal(self.last_ordinal)

    @cached_property
    def _spent(self) -> float:
        return self.money.mean_after(self.days[0])

    def summary(self, today: date) -> Summary:
        """What the model knows of the member; the first day's money is no repeat's."""
        return summary_of(self.days, self._spent, today.toordinal())

    def gap(self, today: date) -> int:
        """Days since the last purchase; a purchase of a later day was today."""
        return max(today.toordinal() - self.last_ordinal, 0)


class Series:
    """Running sums by day, which answer for any last days in logarithmic time."""

    def __init__(self, days: Sequence[int], sums: Sequence[int]) -> None:
        self._days = days
        self._sums = sums

    @property
    def total(self) -> int:
        """Of all days."""
        return self._sums[-1]

    def mean_after(self, day: int) -> float:
        """The mean of the days after that one, 0 where there are none."""
        start = bisect_right(self._days, day)
        count = len(self._days) - start
        return (self.total - self._before(start)) / count if count else 0.0

    def within(self, window: int, today: int) -> int:
        """Of the `window` days up to and with `today`, and of any later."""
        return self.total - self._before(bisect_left(self._days, today - window + 1))

    def falls(self, window: int, today: int, limits: Sequence[int]) -> list[int]:
        """The days on which less is left in the window than each of the limits that are reached today, rising."""
        days, sums, total, present = self._days, self._sums, self.total, self.within(window, today)
        reached = [limit for limit in limits if limit <= present]
        return sorted([days[bisect_right(sums, total - limit)] + window if limit > 0 else NEVER for limit in reached])

    def _before(self, start: int) -> int:
        return self._sums[start - 1] if start else 0


def _steps(sums: Sequence[int]) -> Iterator[int]:
    """What running sums were made of."""
    return map(sub, sums, chain((0,), sums))


def _code(code: int) -> str:
    return code.to_bytes(3, "little").decode()
