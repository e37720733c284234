"""Quantities in units of a chain and of its stock items."""

from decimal import Decimal

import pytest

from functions.sync.recipes.units import StockItem, Unit, UnitUnknown, in_item_unit

UNITS = {"kg": Unit("g", Decimal(1000)), "t": Unit("g", Decimal(1_000_000)), "l": Unit("ml", Decimal(1000))}
FLOUR = StockItem("flour", "Flour", "g", {"bag": Decimal(25_000)})
WATER = StockItem("water", "Water", "kg", {"l": Decimal(1)})


@pytest.mark.parametrize(
    ("quantity", "unit", "item", "expected"),
    [
        ("7", "g", FLOUR, "7"),
        ("3", "kg", FLOUR, "3000"),
        ("0.5", "bag", FLOUR, "12500"),
        ("2", "t", WATER, "2000"),
        ("250", "ml", WATER, "0.25"),
    ],
)
def test_a_quantity_is_converted_exactly(quantity: str, unit: str, item: StockItem, expected: str) -> None:
    assert in_item_unit(Decimal(quantity), unit, item, UNITS) == Decimal(expected)


def test_a_unit_without_a_conversion_is_named() -> None:
    with pytest.raises(UnitUnknown, match="conversion of flour from box to g"):
        in_item_unit(Decimal(1), "box", FLOUR, UNITS)
