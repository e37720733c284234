"""What a member's purchases come to: a purchase as the ledger has it, and the running facts of all of them.

Facts are counters that a purchase adds to and takes back from, so they are the same whatever the order in which
messages came, and adding up two members' facts is merging them.
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
Favourite = tuple[str, int]  # its name, and pieces
PARTS = ("days", "habits", "favourites", "categories", "items")
NOTHING = {"days": b"", "habits": "{}", "favourites": "{}", "categories": "{}", "items": "{}"}
UNTOUCHED = {"item": None, "category": None}


@dataclass(frozen=True)
class Purchase:
    """An order of a member. `hour` is by the store's clock; amounts are minor units of `currency`.

    `paid` says whether it was paid in full once, `taken` all that was paid, or 0 for as much as the total.
    """

    order: str
    store: str
    day: date
    currency: str
    total: int
    paid: bool
    refunded: int
    basket: Mapping[str, Any]
    taken: int = 0

    @property
    def net(self) -> int:
        """What the chain has of it; a purchase counts while this is more than nothing."""
        kept = max(self.taken, self.total) - self.refunded
        return min(max(kept, 0), self.total) if self.paid else 0

    def joined(self, other: "Purchase") -> "Purchase":
        """The same order as two messages tell it: what was paid and what went back only grow."""
        newer = max(self, other, key=lambda purchase: purchase.taken + purchase.refunded)
        return replace(
            self,
            total=newer.total,
            paid=self.paid or other.paid,
            refunded=max(self.refunded, other.refunded),
            taken=max(self.taken, other.taken),
        )


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


class Facts:
    """`habits` counts purchases by store, city, channel, hour and weekday (Monday 0), each under its own name.

    A part is read when somebody asks for it; which parts are there is for who has read the row to know.
    """

    def __init__(self, kept: Mapping[str, Any] = NOTHING) -> None:
        self._kept = kept

    @cached_property
    def days(self) -> dict[DayKey, DaySum]:
        """To be counted into."""
        rows = History(self._kept["days"]).rows
        return {DayKey(day, currency): DaySum(*sums) for day, currency, *sums in rows}

    @cached_property
    def habits(self) -> dict[str, Counts]:
        """Purchases by habit and value."""
        return from_json(self._kept["habits"])  # type: ignore[no-any-return]  # what `written` wrote

    @cached_property
    def categories(self) -> Counts:
        """Pieces by category."""
        return from_json(self._kept["categories"])  # type: ignore[no-any-return]

    @cached_property
    def items(self) -> Counts:
        """Pieces by item."""
        return from_json(self._kept["items"])  # type: ignore[no-any-return]

    @cached_property
    def favourites(self) -> dict[str, Favourite]:
        """The `item` and the `category` with most pieces, and how many; so that tags need not read all of them."""
        counted = {"item": self.__dict__.get("items"), "category": self.__dict__.get("categories")}
        if counted == UNTOUCHED:
            return from_json(self._kept["favourites"])  # type: ignore[no-any-return]
        found = {"item": favourite(self.items), "category": favourite(self.categories)}
        return {name: most for name, most in found.items() if most}

    @cached_property
    def history(self) -> History:
        """As it is now, for all tags that are made of these facts; not to be read before the counting is over."""
        return History(self._packed_days())

    @property
    def rows(self) -> list[DayRow]:
        """Day by day, oldest first."""
        return self.history.rows

    def _packed_days(self) -> bytes:
        if "days" not in self.__dict__:
            packed: bytes = self._kept["days"]
            return packed
        return pack([(*key, *found) for key, found in sorted(self.days.items())])

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

    def written(self) -> dict[str, str | bytes]:
        """Each part as it is kept, in one way only."""
        return {
            "days": self._packed_days(),
            "habits": _text({habit: counts for habit, counts in self.habits.items() if counts}),
            "favourites": _text(self.favourites),
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


def facts_of(purchases: Iterable[Purchase]) -> Facts:
    """All at once, which running facts must equal."""
    found = Facts()
    for purchase in purchases:
        found.add(purchase)
    return found


def favourite(counts: Counts) -> Favourite | None:
    """Of the largest count, the first by code point."""
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
