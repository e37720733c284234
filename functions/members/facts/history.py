"""A member's purchases by day, for tags that count days and windows. It reads the stored bytes."""

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
_SMALL, _LARGE = "i", "q"  # 4 and 8 bytes, little-endian on every CPU that Lambda has
_ROW_BYTES = 5 * 4 + 8


def pack(rows: Sequence[DayRow]) -> bytes:
    """The columns one after the other, the oldest day first: day, currency, purchases, pieces, discounted, amount.

    All columns except day and currency are running sums. A window is then the difference of two numbers.
    """
    if not rows:
        return b""
    days, currencies, purchases, amounts, pieces, discounted = zip(*rows, strict=True)
    codes = [int.from_bytes(code.encode(), "little") for code in currencies]
    small = array(_SMALL, [*days, *codes, *chain.from_iterable(map(accumulate, (purchases, pieces, discounted)))])
    return small.tobytes() + array(_LARGE, accumulate(amounts)).tobytes()


class History:
    """A member's purchases by day, the oldest first. `money` is in the currency of most purchases.

    Of two such currencies it is the first by code. A column is cut from the bytes at each use, which is fast.
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
        """The code of the currency if all purchases have one currency."""
        size = 4 * self._count
        codes = self._packed[size : 2 * size]
        return int.from_bytes(codes[:4], "little") if codes == codes[:4] * self._count else None

    @cached_property
    def _own(self) -> tuple[str, int]:
        """The member's currency, and the number of purchases in it."""
        if code := self._only_code():
            return _code(code), self.count
        counts: dict[str, int] = {}
        for _, currency, purchases, *_ in self.rows:
            counts[currency] = counts.get(currency, 0) + purchases
        return min(counts.items(), key=lambda item: (-item[1], item[0]))

    @property
    def currency(self) -> str:
        """The currency of most purchases."""
        return self._own[0]

    @property
    def paid_in_currency(self) -> int:
        """The number of purchases in the member's currency."""
        return self._own[1]

    @property
    def purchases(self) -> "Series":
        """The number of purchases by day, in all currencies."""
        return Series(self._column(0), self._column(2))

    @property
    def money(self) -> "Series":
        """The net amounts by day, in the member's currency."""
        if self._only_code():
            return Series(self._column(0), self._amounts())
        rows = [row for row in self.rows if row[1] == self.currency]
        return Series([row[0] for row in rows], list(accumulate([row[3] for row in rows])))

    @property
    def count(self) -> int:
        """The number of all purchases."""
        return self._total(2)

    @property
    def pieces(self) -> int:
        """The number of pieces in all purchases."""
        return self._total(3)

    @property
    def discounted(self) -> int:
        """The number of purchases with a discount."""
        return self._total(4)

    @cached_property
    def days(self) -> list[int]:
        """The ordinals of the days with purchases, without duplicates."""
        days = self._column(0)
        return days.tolist() if self._only_code() else sorted(set(days))

    @property
    def last_ordinal(self) -> int:
        """The ordinal of the last day with a purchase."""
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
        """The input of the CLV model. Money of the first day belongs to no repeat."""
        return summary_of(self.days, self._spent, today.toordinal())

    def gap(self, today: date) -> int:
        """Days since the last purchase, 0 if that is later than today."""
        return max(today.toordinal() - self.last_ordinal, 0)


class Series:
    """Running sums by day. A window takes logarithmic time."""

    def __init__(self, days: Sequence[int], sums: Sequence[int]) -> None:
        self._days = days
        self._sums = sums

    @property
    def total(self) -> int:
        """The sum of all days."""
        return self._sums[-1]

    def mean_after(self, day: int) -> float:
        """The mean of the days after `day`, or 0 without such days."""
        start = bisect_right(self._days, day)
        count = len(self._days) - start
        return (self.total - self._before(start)) / count if count else 0.0

    def within(self, window: int, today: int) -> int:
        """The sum of the last `window` days up to `today`, and of all later days."""
        return self.total - self._before(bisect_left(self._days, today - window + 1))

    def falls(self, window: int, today: int, limits: Sequence[int]) -> list[int]:
        """The days on which the window's sum falls below each limit that it reaches today, sorted."""
        days, sums, total, present = self._days, self._sums, self.total, self.within(window, today)
        reached = [limit for limit in limits if limit <= present]
        return sorted([days[bisect_right(sums, total - limit)] + window if limit > 0 else NEVER for limit in reached])

    def _before(self, start: int) -> int:
        return self._sums[start - 1] if start else 0


def _steps(sums: Sequence[int]) -> Iterator[int]:
    """The numbers of a running sum."""
    return map(sub, sums, chain((0,), sums))


def _code(code: int) -> str:
    return code.to_bytes(3, "little").decode()
