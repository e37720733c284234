"""The assignment against all assignments of small matrices, and against SciPy of large ones."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from functions.delivery.dispatch import assignment
from functions.delivery.dispatch.assignment import assign

Matrix = list[list[float]]


def matrices(most: int) -> st.SearchStrategy[Matrix]:
    savings = st.integers(-50, 0).map(float)
    shape = st.tuples(st.integers(1, most), st.integers(1, most))
    return shape.flatmap(lambda size: st.lists(st.lists(savings, min_size=size[1], max_size=size[1]),
                                               min_size=size[0], max_size=size[0]))  # fmt: skip


def total(savings: Matrix, columns: list[int]) -> float:
    used = [column for column in columns if column >= 0]
    assert len(used) == len(set(used))
    return sum(savings[row][column] for row, column in enumerate(columns) if column >= 0)


def least_of_all(savings: Matrix) -> float:
    choices = product(range(-1, len(savings[0])), repeat=len(savings))
    apart = (list(choice) for choice in choices if len({c for c in choice if c >= 0}) == sum(c >= 0 for c in choice))
    return min(total(savings, choice) for choice in apart)


@given(matrices(4))
@settings(deadline=None, max_examples=100)
def test_no_other_assignment_is_cheaper(savings: Matrix) -> None:
    assert total(savings, assign(savings)) == least_of_all(savings)


@given(matrices(25))
@settings(deadline=None, max_examples=50)
def test_it_costs_what_the_assignment_of_scipy_costs(savings: Matrix) -> None:
    rows, columns = linear_sum_assignment(savings)
    expected = sum(savings[row][column] for row, column in zip(rows, columns, strict=True))
    assert total(savings, assign(savings)) == expected


def test_a_row_that_no_column_helps_stays_without_one() -> None:
    assert assign([[0.0, 0.0], [-1.0, 0.0]]) == [-1, 0]
    assert assign([[], []]) == [-1, -1]
    assert assign([]) == []


def test_scipy_takes_over_above_its_size_and_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    savings = [[-float((7 * row + 3 * column) % 11) for column in range(8)] for row in range(6)]
    own = total(savings, assign(savings))
    monkeypatch.setattr(assignment, "SCIPY_FROM", 10)
    assert total(savings, assign(savings)) == own
    monkeypatch.setattr(assignment, "_scipy_solver", lambda: None)
    assert total(savings, assign(savings)) == own
