"""A tag: a pure function of facts, thresholds and the day. Helpers that several tags use."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator

from functions.members.clv.model import Model
from functions.members.facts.history import NEVER
from functions.members.facts.totals import Facts
from shared.contracts.models import Input

# A value that only time changes is computed again after this at the latest.
HORIZON = timedelta(days=3650)
LARGEST = 10**12
Percent = Annotated[int, Field(ge=0, le=100)]
Hour = Annotated[int, Field(ge=0, le=23)]
Weekday = Annotated[int, Field(ge=0, le=6, description="Monday is 0.")]
# A number of days up to today, with today.
Window = Annotated[int, Field(ge=1, le=LARGEST)]


@dataclass(frozen=True)
class Today:
    """The day by the chain's clock, and the chain's CLV model or None before the first fit."""

    day: date
    model: Model | None = None


class Value(NamedTuple):
    """`why` are the facts behind the value. On the day `changes_on` the value changes without a purchase."""

    value: str
    why: Mapping[str, Any]
    changes_on: date | None = None


class Thresholds(Input):
    """Base of a tag's thresholds, with defaults that suit a chain of pizzerias.

    Numbers are from 0 to `LARGEST`. The numbers of a tuple rise or fall as the default does.
    """

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name, threshold in self:
            numbers = [
                item for item in (threshold if isinstance(threshold, tuple) else (threshold,)) if isinstance(item, int)
            ]
            default = type(self).model_fields[name].default
            falling = isinstance(default, tuple) and default[0] > default[-1]
            if not all(0 <= number <= LARGEST for number in numbers):
                raise ValueError(f"{name}: numbers from 0 to {LARGEST}")
            if numbers != sorted(numbers, reverse=falling):
                raise ValueError(f"{name}: numbers that {'fall' if falling else 'rise'}")
        return self


@dataclass(frozen=True)
class Tag:
    """One tag. `needs` names the parts of the facts that it reads; `values` lists its values if they are fixed.

    `version` grows with every change of the function `value`. A backfill then computes the tag for all members.
    """

    name: str
    version: int
    needs: tuple[str, ...]
    value: Callable[[Facts, Any, Today], Value | None]
    thresholds: type[Thresholds] = Thresholds
    values: tuple[str, ...] = ()


def band(limits: Sequence[int], names: Sequence[str], value: int) -> str:
    """The name of the highest limit that `value` reaches, or `names[0]` below all limits."""
    return names[sum([value >= limit for limit in limits])]


def as_date(ordinal: int) -> date | None:
    """The day with this ordinal, or None after the last day of the calendar."""
    return date.fromordinal(ordinal) if ordinal < NEVER else None


def first_change(value_at: Callable[[int], str], today: int, candidates: Iterable[int]) -> date | None:
    """The first candidate day after today with another value than today. The value changes only on candidates."""
    present = value_at(today)
    for day in sorted(candidates):
        if day > today and value_at(day) != present:
            return as_date(day)
    return None


def first_day(value_at: Callable[[date], str], today: date, final: str) -> date | None:
    """The first day within `HORIZON` with another value, for a value that moves one way only and ends at `final`."""
    present, unchanged, changed = value_at(today), 0, HORIZON.days
    if present == final or value_at(today + HORIZON) == present:
        return None
    while changed - unchanged > 1:
        middle = (unchanged + changed) // 2
        if value_at(today + timedelta(days=middle)) == present:
            unchanged = middle
        else:
            changed = middle
    return today + timedelta(days=changed)
