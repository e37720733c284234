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
    given: set[str] = set(used)
    ids: list[str] = []
    tries: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        is_first = line.id and line.id not in given
        id_ = line.id if line.id and is_first else _free(line.id or str(len(used) + number), taken, tries)
        taken.add(id_)
        given.add(id_)
        ids.append(id_)
    differences = [
        Difference(path=f"lines[{number}].id", code="line_id_repeated", stated=line.id, expected=id_)
        for number, (line, id_) in enumerate(zip(lines, ids, strict=True))
        if line.id and line.id != id_
    ]
    return ids, differences


def _free(wanted: str, taken: Collection[str], tries: dict[str, int]) -> str:
    """`wanted`, or else with the first number at its end that is free: 7, 7.2, 7.3. `tries` has the last numbers."""
    id_, number = wanted, tries.get(wanted, 1)
    while id_ in taken:
        number += 1
        id_ = f"{wanted[: MAX_ID - len(f'.{number}')]}.{number}"
    tries[wanted] = number
    return id_
