"""Our documents against those of the outside system. Pure functions.

A cell is a store, a business day and a tender. Credit notes count less than 0. Documents are compared by their keys, so
that a difference has a name.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from functions.sync.documents.document import Kind, Tender
from functions.sync.documents.tender_split import Amounts, by_tender


class Fault(StrEnum):
    """The differences of a document."""

    MISSING = "missing_there"
    UNEXPECTED = "unexpected_there"
    DUPLICATE = "duplicate_there"
    DIFFERS = "differs"


class Cell(NamedTuple):
    """A store's business day and a tender, in our codes. A code that has none of ours begins with `?`."""

    store: str
    day: date
    tender: str


@dataclass(frozen=True)
class Entry:
    """A document of one side in minor units. `key` is our source key, `reference` a text for people."""

    key: str
    kind: Kind
    store: str
    day: date
    reference: str
    quantity: Decimal
    net: int
    tax: int
    gross: int
    tenders: tuple[Tender, ...]

    @property
    def sign(self) -> int:
        """-1 for a credit note."""
        return -1 if self.kind == Kind.CREDIT_NOTE else 1

    def cells(self) -> dict[Cell, Amounts]:
        """The document's amounts by cell."""
        whole = Amounts(1, self.quantity, self.net, self.tax, self.gross)
        return {
            Cell(self.store, self.day, tender): signed(amounts, self.sign)
            for tender, amounts in by_tender(whole, self.tenders).items()
        }


class NamedDifference(NamedTuple):
    """A document that differs. `gross_here` and `gross_there` are None where a side lacks it."""

    fault: Fault
    key: str
    kind: Kind
    store: str
    day: date
    reference: str
    gross_here: int | None
    gross_there: int | None
    detail: str


@dataclass
class Comparison:
    """The differences of some days: cells whose amounts differ, and the documents that explain them."""

    cells: int = 0
    documents: int = 0
    differing: dict[Cell, tuple[Amounts, Amounts]] = field(default_factory=dict)
    named: list[NamedDifference] = field(default_factory=list)

    @property
    def gross(self) -> int:
        """Our gross less theirs, over all cells."""
        return sum(here.gross - there.gross for here, there in self.differing.values())


def signed(amounts: Amounts, sign: int) -> Amounts:
    """The amounts of a credit note are taken off; its count is added."""
    return Amounts(
        amounts.documents, amounts.quantity * sign, amounts.net * sign, amounts.tax * sign, amounts.gross * sign
    )


def sums(entries: Iterable[Entry]) -> dict[Cell, Amounts]:
    """The amounts of the documents by cell."""
    totals: dict[Cell, Amounts] = {}
    for entry in entries:
        for cell, amounts in entry.cells().items():
            totals[cell] = totals[cell].plus(amounts) if cell in totals else amounts
    return totals


def compare(here: Sequence[Entry], there: Sequence[Entry], into: Comparison) -> None:
    """Add the differences of these documents of one day to a comparison."""
    compare_sums(sums(here), sums(there), into)
    into.documents += len(here)
    copies: dict[str, list[Entry]] = defaultdict(list)
    for entry in there:
        copies[entry.key].append(entry)
    for entry in here:
        into.named += _differences(entry, copies.pop(entry.key, []))
    for entries in copies.values():
        into.named += [_named(Fault.UNEXPECTED, entry, None, entry.gross, "") for entry in entries]


def compare_sums(here: Mapping[Cell, Amounts], there: Mapping[Cell, Amounts], into: Comparison) -> None:
    """Add the cells whose sums differ."""
    nothing = Amounts()
    cells = here.keys() | there.keys()
    into.cells += len(cells)
    for cell in cells:
        pair = here.get(cell, nothing), there.get(cell, nothing)
        if pair[0] != pair[1]:
            into.differing[cell] = pair


def _differences(entry: Entry, copies: Sequence[Entry]) -> list[NamedDifference]:
    if not copies:
        return [_named(Fault.MISSING, entry, entry.gross, None, "")]
    first, *further = copies
    named = [_named(Fault.DUPLICATE, copy, None, copy.gross, "") for copy in further]
    detail = _detail(entry, first)
    if detail:
        named.append(_named(Fault.DIFFERS, entry, entry.gross, first.gross, detail))
    return named


def _detail(here: Entry, there: Entry) -> str:
    """The fields that differ, with both values."""
    if _compared(here) == _compared(there):
        return ""
    fields = ("store", "day", "quantity", "net", "tax", "gross")
    parts = [
        f"{name} {getattr(here, name)} here, {getattr(there, name)} there"
        for name in fields
        if getattr(here, name) != getattr(there, name)
    ]
    tenders_here, tenders_there = _amounts_by_tender(here), _amounts_by_tender(there)
    if tenders_here != tenders_there:
        parts.append(f"tenders {tenders_here} here, {tenders_there} there")
    return "; ".join(parts)


def _compared(entry: Entry) -> tuple[object, ...]:
    return entry.store, entry.day, entry.quantity, entry.net, entry.tax, entry.gross, entry.tenders


def _amounts_by_tender(entry: Entry) -> dict[str, int]:
    return {tender.code: tender.amount for tender in sorted(entry.tenders, key=lambda tender: tender.code)}


def _named(fault: Fault, entry: Entry, here: int | None, there: int | None, detail: str) -> NamedDifference:
    return NamedDifference(fault, entry.key, entry.kind, entry.store, entry.day, entry.reference, here, there, detail)
