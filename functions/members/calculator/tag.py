"""What a tag is: a pure function of facts, thresholds and the day, and helpers that several tags stand on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator

from functions.members.clv.model import Model
from functions.members.facts.history import NEVER
from functions.members.facts.totals import Facts
from shared.contracts.models import Input

# A value that only a change of the day could move is looked at again after this at the latest.
HORIZON = timedelta(days=3650)
LARGEST = 10**12
Percent = Annotated[int, Field(ge=0, le=100)]
Hour = Annotated[int, Field(ge=0, le=23)]
Weekday = Annotated[int, Field(ge=0, le=6, description="Monday is 0.")]
# As many days, up to and with today.
Window = Annotated[int, Field(ge=1, le=LARGEST)]


@dataclass(frozen=True)
class Today:
    """The day on the chain's clock, and how its members are known to come back; None while there is no model."""

    day: date
    model: Model | None = None


class Value(NamedTuple):
    """`why` are the facts behind it; `moves_on` is the day on which it would change if nothing else happened."""

    value: str
    why: Mapping[str, Any]
    moves_on: date | None = None


class Thresholds(Input):
    """Base of a tag's thresholds, with defaults that suit a chain of pizzerias.

    Numbers are from 0 to `LARGEST`; several of them rise, or fall, as their defaults do.
    """

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name, given in self:
            numbers = [each for each in (given if isinstance(given, tuple) else (given,)) if isinstance(each, int)]
            default = type(self).model_fields[name].default
            falling = isinstance(default, tuple) and default[0] > default[-1]
            if not all(0 <= number <= LARGEST for number in numbers):
                raise ValueError(f"{name}: numbers from 0 to {LARGEST}")
            if numbers != sorted(numbers, reverse=falling):
                raise ValueError(f"{name}: numbers that {'fall' if falling else 'rise'}")
        return self


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


def band(limits: Sequence[int], names: Sequence[str], value: int) -> str:
    """The name of the highest limit that `value` reaches; `names[0]` below all."""
    return names[sum([value >= limit for limit in limits])]


def as_date(ordinal: int) -> date | None:
    """The day with this ordinal; none where no calendar reaches it."""
    return date.fromordinal(ordinal) if ordinal < NEVER else None


def first_change(value_at: Callable[[int], str], today: int, candidates: Iterable[int]) -> date | None:
    """The first of the days on which the value is another than today; only candidates can be such days."""
    present = value_at(today)
    for day in sorted(candidates):
        if day > today and value_at(day) != present:
            return as_date(day)
    return None


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
