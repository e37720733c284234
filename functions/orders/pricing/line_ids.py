"""Ids of lines, each unique in its order. Pure functions."""

from collections.abc import Collection, Sequence

from functions.orders.pricing.order_request import LineIn
from shared.contracts.messages.orders import Difference

MAX_ID = 64


def line_ids(lines: Sequence[LineIn], used: Collection[str] = ()) -> tuple[list[str], list[Difference]]:
    """The id of each line: as stated, else its number. `used` are ids of earlier lines of the order.

    A repeated id gets a new one, which a difference names.
    """
    if not used and all(line.id is None for line in lines):
        return [str(number) for number in range(1, len(lines) + 1)], []
    taken = {*used, *(line.id for line in lines if line.id)}
    kept: set[str] = set(used)
    ids: list[str] = []
    differences: list[Difference] = []
    for number, line in enumerate(lines):
        id_ = line.id
        if id_ is None or id_ in kept:
            id_ = _free(line.id or str(len(used) + number + 1), taken)
        if line.id and id_ != line.id:
            path = f"lines[{number}].id"
            differences.append(Difference(path=path, code="line_id_repeated", stated=line.id, expected=id_))
        taken.add(id_)
        kept.add(id_)
        ids.append(id_)
    return ids, differences


def _free(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or else with the first number at its end that is free: 7, 7.2, 7.3."""
    id_, number = wanted, 2
    while id_ in taken:
        id_ = f"{wanted[: MAX_ID - len(f'.{number}')]}.{number}"
        number += 1
    return id_
