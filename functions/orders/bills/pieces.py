"""Lines of a bill in pieces: some of them leave, the rest stays, and the amounts add up."""

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from shared.contracts.messages.orders import Line, Order


def taken_from(line: Line, quantity: int) -> tuple[Line, Line | None]:
    """(the pieces that leave, the rest or None). Amounts, discounts and shares of parts sum to those of the line."""
    if quantity == line.quantity:
        return line, None
    pieces = _with_shares(line, quantity, _shares(_amounts(line), quantity, line.quantity))
    remainder = [amount - share for amount, share in zip(_amounts(line), _amounts(pieces), strict=True)]
    return pieces, _with_shares(line, line.quantity - quantity, remainder)


def _amounts(line: Line) -> list[int]:
    """Every amount of the line, by which it is divided: its own, its discounts, its parts."""
    return [
        line.amount,
        *(discount.amount for discount in line.discounts),
        *(part.amount for part in line.parts),
    ]


def _shares(amounts: Sequence[int], quantity: int, of: int) -> list[int]:
    """The share of each amount. It is rounded by the running sum, so that discounts never exceed their line."""
    sums = [0, *accumulate(amounts[1:])]
    later = [end * quantity // of - start * quantity // of for start, end in pairwise(sums)]
    return [amounts[0] * quantity // of, *later]


def _with_shares(line: Line, quantity: int, amounts: list[int]) -> Line:
    amount, *shares = amounts
    discounts = [
        discount.model_copy(update={"amount": share}) for discount, share in zip(line.discounts, shares, strict=False)
    ]
    parts = [
        part.model_copy(update={"amount": share})
        for part, share in zip(line.parts, shares[len(discounts) :], strict=True)
    ]
    fields = {"quantity": quantity, "amount": amount, "discounts": discounts, "parts": parts}
    return line.model_copy(update=fields)


def with_new_ids(lines: Sequence[Line], used: Iterable[str], version: int) -> list[Line]:
    """The lines. A line whose id the bill uses gets a new one: `3.1` for the first line of version 3.

    A version never comes again, so that no id does, not even that of a line that left.
    """
    ids, number = set(used), 1
    renamed = []
    for line in lines:
        id_ = line.id
        while id_ in ids:
            id_, number = f"{version}.{number}", number + 1
        ids.add(id_)
        renamed.append(line if id_ == line.id else line.model_copy(update={"id": id_}))
    return renamed


def used_ids(order: Order) -> list[str]:
    """The ids of the bill's lines, and of those that were voided."""
    return [*(line.id for line in order.lines), *(void.line for void in order.voids)]
