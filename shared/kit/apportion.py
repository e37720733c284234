"""An amount that is divided among several, so that no minor unit is lost. A pure function."""

from collections.abc import Sequence


def apportioned(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in proportion to `weights` by the largest remainder (Hamilton's method). The shares sum to `amount`.

    Of equal remainders the earlier one comes first. Weights that are all 0 count as equal.
    """
    total = sum(weights)
    if amount == total:
        return list(weights)
    if total == 0:
        return apportioned(amount, [1] * len(weights)) if weights else []
    shares = [amount * weight // total for weight in weights]
    missing = amount - sum(shares)
    if missing:
        for index in sorted(range(len(shares)), key=lambda index: -(amount * weights[index] % total))[:missing]:
            shares[index] += 1
    return shares
