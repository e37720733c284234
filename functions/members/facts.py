"""What a member's purchases come to: a purchase as the ledger has it, and the running facts of all of them.

Facts are counters that a purchase adds to and takes back from, so they are the same whatever the order in which
messages came, and adding up two members' facts is merging them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from pydantic_core import from_json  # half the time that json.loads takes

from functions.members.history import DayRow, History

Counts = dict[str, int]
PARTS = ("days", "habits", "categories", "items")


@dataclass(frozen=True)
class Purchase:
    """An order of a member. `hour` is by the store's clock; amounts are minor units of `currency`."""

    order: str
    store: str
    day: date
    currency: str
    total: int
    paid: bool
    refunded: int
    basket: Mapping[str, Any]

    @property
    def net(self) -> int:
        """What the chain has of it; a purchase counts while this is more than nothing."""
        return max(self.total - self.refunded, 0) if self.paid else 0

    def joined(self, other: "Purchase") -> "Purchase":
        """The same order as two messages tell it: payment only comes, refunds only grow."""
        return replace(self, paid=self.paid or other.paid, refunded=max(self.refunded, other.refunded))


class DayKey(NamedTuple):
    """A business day (proleptic Gregorian ordinal) in one currency."""

    day: int
    currency: str


class DaySum(NamedTuple):
    """The purchases of a day that count; `discounted` of them had money off."""

    purchases: int
    amount: int
    pieces: int
    discounted: int

    def plus(self, other: "DaySum", sign: int = 1) -> "DaySum":
        """The sum, or with -1 the difference."""
        return DaySum(*(mine + sign * theirs for mine, theirs in zip(self, other, strict=True)))


NONE = DaySum(0, 0, 0, 0)


@dataclass
class Facts:
    """`habits` counts purchases by store, city, channel, hour and weekday (Monday 0), each under its own name.

    Days are rows as they are kept until somebody counts: a tag that only reads pays for no more than the JSON.
    """

    kept: list[DayRow] | None = None
    habits: dict[str, Counts] = field(default_factory=dict)
    categories: Counts = field(default_factory=dict)
    items: Counts = field(default_factory=dict)

    @cached_property
    def days(self) -> dict[DayKey, DaySum]:
        """To be counted into."""
        rows, self.kept = self.kept or [], None
        return {DayKey(day, currency): DaySum(*sums) for day, currency, *sums in rows}

    @property
    def rows(self) -> list[DayRow]:
        """To be read, oldest first."""
        return [(*key, *found) for key, found in sorted(self.days.items())] if self.kept is None else self.kept

    @cached_property
    def history(self) -> History:
        """As it is now, for all tags that are made of these facts; not to be read before the counting is over."""
        return History(self.rows)

    def add(self, purchase: Purchase, sign: int = 1) -> None:
        """Count a purchase, or with -1 take it back."""
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

    def merge(self, other: "Facts") -> None:
        """Count all that the other has too."""
        for key, found in other.days.items():
            self._add_day(key, found, 1)
        for habit, counts in other.habits.items():
            _count(self.habits.setdefault(habit, {}), counts)
        _count(self.categories, other.categories)
        _count(self.items, other.items)

    def _add_day(self, key: DayKey, found: DaySum, sign: int) -> None:
        after = self.days.get(key, NONE).plus(found, sign)
        if after.purchases:
            self.days[key] = after
        else:
            del self.days[key]

    def written(self) -> dict[str, str]:
        """Each part as text, in one way only."""
        days = self.rows
        habits = {habit: counts for habit, counts in self.habits.items() if counts}
        return {
            "days": _text(days),
            "habits": _text(habits),
            "categories": _text(self.categories),
            "items": _text(self.items),
        }


class Standing(NamedTuple):
    """Facts as they are kept; every change makes another revision."""

    revision: int
    facts: Facts

    def next(self) -> "Standing":
        """After a change."""
        return Standing(self.revision + 1, self.facts)


def read_facts(parts: Mapping[str, Any], needed: Iterable[str] = PARTS) -> Facts:
    """Facts of the parts that are needed; the others are as if nothing had been bought."""
    found = Facts()
    if "days" in needed:
        found.kept = from_json(parts["days"])
    for name in needed:
        if name != "days":
            setattr(found, name, from_json(parts[name]))
    return found


def facts_of(purchases: Iterable[Purchase]) -> Facts:
    """All at once, which running facts must equal."""
    found = Facts()
    for purchase in purchases:
        found.add(purchase)
    return found


def _count(into: Counts, counts: Mapping[str, int], sign: int = 1) -> None:
    for name, count in counts.items():
        after = into.get(name, 0) + sign * count
        if after:
            into[name] = after
        else:
            into.pop(name, None)


def _text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
