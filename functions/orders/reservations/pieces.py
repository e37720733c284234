"""Pieces of an order: of each counted item, and in all. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from shared.contracts.messages.order_parts import LineKind
from shared.contracts.messages.orders import Line
from shared.contracts.text import IDENTIFIER


def pieces_by_item(lines: Iterable[Line]) -> dict[str, int]:
    """The pieces of each item, parts of combos too. A sale may name an item that can be on no menu; it is left out."""
    counter: Counter[str] = Counter()
    for line in lines:
        for item, quantity in _items_of(line):
            counter[item] += quantity
    return {item: quantity for item, quantity in counter.items() if re.fullmatch(IDENTIFIER, item)}


def item_path(lines: Iterable[Line], item: str) -> str:
    """The path of the first line that has the item, itself or as a part."""
    for number, line in enumerate(lines):
        if line.item == item:
            return f"lines[{number}].item"
        for index, part in enumerate(line.parts):
            if part.item == item:
                return f"lines[{number}].parts[{index}].item"
    return "lines"


def pieces_in_all(lines: Iterable[Line]) -> int:
    """The pieces that the kitchen makes."""
    return sum(line.quantity for line in lines if line.kind == LineKind.GOODS)


def _items_of(line: Line) -> Iterator[tuple[str, int]]:
    yield line.item, line.quantity
    for part in line.parts:
        yield part.item, part.quantity * line.quantity
