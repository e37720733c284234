"""The amount of a line from its price, pieces and weight. A pure function."""

GRAMS = 1_000


def line_amount(unit_price: int, quantity: int, weight: int | None = None) -> int:
    """The amount of pieces at a price, or of pieces that weigh `weight` grams each at a price for a kilogram.

    Each piece is rounded, halves up. So one piece less takes off the amount of one piece.
    """
    if weight is None:
        return unit_price * quantity
    return (2 * unit_price * weight + GRAMS) // (2 * GRAMS) * quantity
