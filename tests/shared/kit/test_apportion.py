"""Amounts that are divided: no minor unit is lost, and each share is within one unit of the exact one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.kit.apportion import apportioned


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (100, [1, 2, 3], [17, 33, 50]),  # exact: 16 2/3, 33 1/3, 50
        (1, [1, 9], [0, 1]),
        (7, [0, 0], [4, 3]),
        (0, [5, 5], [0, 0]),
        (0, [], []),
    ],
)
def test_shares_by_hand(amount: int, weights: list[int], shares: list[int]) -> None:
    assert apportioned(amount, weights) == shares


@given(amount=some.integers(0, 10**12), weights=some.lists(some.integers(0, 10**9), min_size=1, max_size=30))
def test_the_shares_sum_to_the_amount_and_are_within_one_unit(amount: int, weights: list[int]) -> None:
    shares = apportioned(amount, weights)
    assert sum(shares) == amount
    if sum(weights):
        exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
        assert all(abs(given_share - quota) < 1 for given_share, quota in zip(shares, exact, strict=True))
