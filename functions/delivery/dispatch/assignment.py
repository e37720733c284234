"""Minimum-cost assignment of rows to columns, where a row may stay without a column.

Shortest augmenting paths with potentials (Jonker and Volgenant 1987). A 60 × 60 matrix takes a few milliseconds. Larger
ones than 100 × 100 use SciPy where it is installed.
"""

from collections.abc import Callable, Sequence
from typing import Any

SCIPY_FROM = 10_000  # entries
INFINITE = float("inf")


def assign(savings: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row, or -1. `savings[row][column]` is the cost minus the cost of no column, at most 0.

    A column serves at most one row. An entry of 0 is as good as no column.
    """
    if not savings or not savings[0]:
        return [-1] * len(savings)
    rows, columns = len(savings), len(savings[0])
    if rows * columns > SCIPY_FROM and (solver := _scipy_solver()):
        return _by_scipy(solver, savings)
    if rows <= columns:
        chosen = _shortest_paths(savings)
    else:
        by_column = _shortest_paths(list(zip(*savings, strict=True)))
        chosen = [-1] * rows
        for column, row in enumerate(by_column):
            chosen[row] = column
    return [column if column >= 0 and savings[row][column] < 0.0 else -1 for row, column in enumerate(chosen)]


def _shortest_paths(costs: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row. There are at least as many columns as rows."""
    columns = len(costs[0])
    row_potential = [0.0] * len(costs)
    column_potential = [0.0] * columns
    row_of = [-1] * columns
    for row in range(len(costs)):
        _augment(costs, row, row_of, row_potential, column_potential)
    column_of = [-1] * len(costs)
    for column, row in enumerate(row_of):
        if row >= 0:
            column_of[row] = column
    return column_of


def _augment(
    costs: Sequence[Sequence[float]],
    start: int,
    row_of: list[int],
    row_potential: list[float],
    column_potential: list[float],
) -> None:
    """Give row `start` a column by the shortest path to a free column, and keep the potentials feasible."""
    columns = len(row_of)
    distance = [INFINITE] * columns
    previous = [-1] * columns
    open_columns = list(range(columns))
    reached: list[int] = []
    row, column, bound = start, -1, 0.0
    while True:
        costs_of_row, shift = costs[row], bound - row_potential[row]
        nearest, least = -1, INFINITE
        for candidate in open_columns:
            length = costs_of_row[candidate] + shift - column_potential[candidate]
            if length < distance[candidate]:
                distance[candidate] = length
                previous[candidate] = column
            else:
                length = distance[candidate]
            if length < least:
                least, nearest = length, candidate
        column, bound = nearest, least
        if row_of[column] < 0:
            break
        open_columns.remove(column)
        reached.append(column)
        row = row_of[column]
    row_potential[start] += bound
    for settled in reached:
        row_potential[row_of[settled]] += bound - distance[settled]
        column_potential[settled] -= bound - distance[settled]
    while column >= 0:
        before = previous[column]
        row_of[column] = start if before < 0 else row_of[before]
        column = before


def _scipy_solver() -> Callable[..., Any] | None:
    try:
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 -- a layer need not have it
    except ImportError:
        return None
    solver: Callable[..., Any] = linear_sum_assignment
    return solver


def _by_scipy(solver: Callable[..., Any], savings: Sequence[Sequence[float]]) -> list[int]:
    chosen = [-1] * len(savings)
    for row, column in zip(*solver(savings), strict=True):
        if savings[row][column] < 0.0:
            chosen[int(row)] = int(column)
    return chosen
