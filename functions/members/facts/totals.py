"""A purchase as the ledger has it, and the facts: running totals of all purchases of a member.

Facts are counters. A purchase adds to them and can be subtracted again, so the order of messages does not matter. The
facts of merged members are the sums of both.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from pydantic_core import from_json  # half the time that json.loads takes

from functions.members.facts.history import DayRow, History, pack

Counts = dict[str, int]
Favourite = tuple[str, int]  # name, pieces
PARTS = ("days", "habits", "favourites", "categories", "items")
NO_ROW = {"days": b"", "habits": "{}", "favourites": "{}", "categories": "{}", "items": "{}"}
NOT_READ = {"item": None, "category": None}


@dataclass(frozen=True)
class Purchase:
    """An order of a member. Amounts are minor units of `currency`.

    `paid`: the order was once paid in full. `paid_amount`: the sum of its payments; 0 stands for the total.
    """

    order: str
    store: str
    day: date
    currency: str
    total: int
    paid: bool
    refunded: int
    basket: Mapping[str, Any]
    paid_amount: int = 0

    @property
    def net(self) -> int:
        """The money that the store keeps. A purchase counts while this is greater than 0."""
        remaining = max(self.paid_amount, self.total) - self.refunded
        return min(max(remaining, 0), self.total) if self.paid else 0

    @property
    def version(self) -> int:
        """The version of the bill. A paid bill may be opened again and changed."""
        version: int = self.basket.get("version", 1)
        return version

    def joined(self, update: "Purchase") -> "Purchase":
        """The same order from two messages. Payments and refunds only grow, and so does the version of the bill."""
        newer = max(self, update, key=lambda purchase: (purchase.version, purchase.paid_amount + purchase.refunded))
        return replace(
            self,
            total=newer.total,
            basket=newer.basket,
            paid=self.paid or update.paid,
            refunded=max(self.refunded, update.refunded),
            paid_amount=max(self.paid_amount, update.paid_amount),
        )


class DayKey(NamedTuple):
    """A business day (proleptic Gregorian ordinal) in one currency."""

    day: int
    currency: str


class DaySum(NamedTuple):
    """The sums of a day's purchases. `discounted` counts purchases with a discount."""

    purchases: int
    amount: int
    pieces: int
    discounted: int

    def plus(self, addend: "DaySum", sign: int = 1) -> "DaySum":
        """The sum, or with `sign` -1 the difference."""
        return DaySum(*(first + sign * second for first, second in zip(self, addend, strict=True)))


NO_SALES = DaySum(0, 0, 0, 0)


class Facts:
    """The facts of a member. `habits` counts purchases by store, city, channel, hour and weekday (Monday 0).

    A part is parsed at its first use. The row need have only the parts that are used.
    """

    def __init__(self, row: Mapping[str, Any] = NO_ROW) -> None:
        self._row = row

    @cached_property
    def days(self) -> dict[DayKey, DaySum]:
        """The sums of each day, to count into."""
        rows = History(self._row["days"]).rows
        return {DayKey(day, currency): DaySum(*sums) for day, currency, *sums in rows}

    @cached_property
    def habits(self) -> dict[str, Counts]:
        """Purchases by habit and value."""
        return from_json(self._row["habits"])  # type: ignore[no-any-return]  # `written` wrote it

    @cached_property
    def categories(self) -> Counts:
        """Pieces by category."""
        return from_json(self._row["categories"])  # type: ignore[no-any-return]

    @cached_property
    def items(self) -> Counts:
        """Pieces by item."""
        return from_json(self._row["items"])  # type: ignore[no-any-return]

    @cached_property
    def favourites(self) -> dict[str, Favourite]:
        """The `item` and the `category` with most pieces. Tags read them without all items and categories."""
        counted = {"item": self.__dict__.get("items"), "category": self.__dict__.get("categories")}
        if counted == NOT_READ:
            return from_json(self._row["favourites"])  # type: ignore[no-any-return]
        favourites = {"item": favourite(self.items), "category": favourite(self.categories)}
        return {name: most for name, most in favourites.items() if most}

    @cached_property
    def history(self) -> History:
        """The history after all counting. A later count does not change it."""
        return History(self._packed_days())

    @property
    def rows(self) -> list[DayRow]:
        """A row for each day and currency, the oldest first."""
        return self.history.rows

    def _packed_days(self) -> bytes:
        if "days" not in self.__dict__:
            packed: bytes = self._row["days"]
            return packed
        return pack([(*key, *day_sum) for key, day_sum in sorted(self.days.items())])

    def add(self, purchase: Purchase, sign: int = 1) -> None:
        """Add a purchase, or with `sign` -1 subtract it."""
        if purchase.net == 0:
            return
        basket = purchase.basket
        key = DayKey(purchase.day.toordinal(), purchase.currency)
        today = DaySum(1, purchase.net, basket["pieces"], int(basket["discounted"]))
        self._add_day(key, today, sign)
        for habit, value in basket["habits"].items():
            _count(self.habits.setdefault(habit, {}), {value: sign})
        _count(self.categories, basket["categories"], sign)
        _count(self.items, basket["items"], sign)

    def merge(self, addend: "Facts") -> None:
        """Add all facts of another member."""
        for key, day_sum in addend.days.items():
            self._add_day(key, day_sum, 1)
        for habit, counts in addend.habits.items():
            _count(self.habits.setdefault(habit, {}), counts)
        _count(self.categories, addend.categories)
        _count(self.items, addend.items)

    def _add_day(self, key: DayKey, day_sum: DaySum, sign: int) -> None:
        after = self.days.get(key, NO_SALES).plus(day_sum, sign)
        if after.purchases:
            self.days[key] = after
        else:
            del self.days[key]

    def written(self) -> dict[str, str | bytes]:
        """Each part as a column stores it. Equal facts have equal bytes."""
        return {
            "days": self._packed_days(),
            "habits": _text({habit: counts for habit, counts in self.habits.items() if counts}),
            "favourites": _text(self.favourites),
            "categories": _text(self.categories),
            "items": _text(self.items),
        }


class StoredFacts(NamedTuple):
    """Facts with the revision of their row. Every change adds 1."""

    revision: int
    facts: Facts

    def next(self) -> "StoredFacts":
        """The facts after a change."""
        return StoredFacts(self.revision + 1, self.facts)


def facts_of(purchases: Iterable[Purchase]) -> Facts:
    """The facts of all purchases, counted from zero."""
    facts = Facts()
    for purchase in purchases:
        facts.add(purchase)
    return facts


def favourite(counts: Counts) -> Favourite | None:
    """The name with the largest count. Of equal counts, the first name by code point."""
    if not counts:
        return None
    most = max(counts.values())
    return min([name for name, count in counts.items() if count == most]), most


def _count(into: Counts, counts: Mapping[str, int], sign: int = 1) -> None:
    for name, count in counts.items():
        after = into.get(name, 0) + sign * count
        if after:
            into[name] = after
        else:
            into.pop(name, None)


def _text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
