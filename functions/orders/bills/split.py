"""A split of a bill: which lines each new bill takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.orders.bills.pieces import taken_from
from functions.orders.bills.requests import MovedLineIn, SplitPartIn
from shared.contracts.messages.orders import Line
from shared.spine.errors import Fault, Rejected


@dataclass
class Split:
    """The lines that stay, by id, and those of each new bill."""

    remainder: dict[str, Line]
    parts: list[list[Line]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def move(self, path: str, request: MovedLineIn) -> list[Line]:
        """The pieces of a line that leave; none, with a fault, when the bill lacks them."""
        line = self.remainder.get(request.line)
        if line is None:
            self.faults.append(Fault(f"{path}.line", "unknown_line", "the bill has no such line", request.line))
            return []
        quantity = request.quantity or line.quantity
        if quantity > line.quantity:
            detail = "the line has fewer pieces"
            self.faults.append(Fault(f"{path}.quantity", "too_many", detail, quantity, line.quantity))
            return []
        pieces, remainder = taken_from(line, quantity)
        if remainder:
            self.remainder[line.id] = remainder
        else:
            del self.remainder[line.id]
        return [pieces]


def split_by_parts(lines: Sequence[Line], parts: Sequence[SplitPartIn]) -> Split:
    """The lines that each part names. Raises `Rejected` when the bill lacks them, or when none stays."""
    split = Split({line.id: line for line in lines})
    for number, part in enumerate(parts):
        paths = [f"parts[{number}].lines[{index}]" for index in range(len(part.lines))]
        pieces = [line for path, request in zip(paths, part.lines, strict=True) for line in split.move(path, request)]
        split.parts.append(pieces)
    if not split.remainder and not split.faults:
        split.faults.append(Fault("parts", "nothing_stays", "at least one piece must stay on the bill"))
    if split.faults:
        faults = tuple(split.faults)
        raise Rejected("split_invalid", "the split does not fit the bill; each fault is named", faults=faults)
    return split


def split_by_seat(lines: Sequence[Line]) -> Split:
    """A bill for each seat. Lines without a seat stay; without such lines those of the lowest seat stay.

    Raises `Rejected` when fewer than two bills would be there.
    """
    seats = sorted({line.seat for line in lines if line.seat is not None})
    if all(line.seat is not None for line in lines):
        seats = seats[1:]
    if not seats:
        fault = Fault("by_seat", "one_seat", "the lines belong to one seat")
        raise Rejected("split_invalid", "there is nothing to split", faults=(fault,))
    remainder = {line.id: line for line in lines if line.seat not in seats}
    return Split(remainder, [[line for line in lines if line.seat == seat] for seat in seats])
