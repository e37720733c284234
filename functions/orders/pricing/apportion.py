"""An amount that is divided among several, so that no minor unit is lost. A pure function."""

from collections.abc import Sequence


def apportioned(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in proportion to `weights` by the largest remainder (Hamilton's method). The shares sum to `amount`.

    Of equal remainders the earlier one comes first. Weights that are all 0 count as equal.
    """
    total = sum(weights)
    if total == 0:
        weights = [1] * len(weights)
        total = len(weights)
    if amount == 0 or total == 0:
        return [0] * len(weights)
    if amount == total:
        return list(weights)
    shares = [amount * weight // total for weight in weights]
    missing = amount - sum(shares)
    if not missing:
        return shares
    for index in sorted(range(len(shares)), key=lambda index: -(amount * weights[index] % total))[:missing]:
        shares[index] += 1
    return shares
