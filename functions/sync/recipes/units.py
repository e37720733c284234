"""Units of a chain and of its stock items: a quantity in one unit → the same in another. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


class UnitUnknown(ValueError):
    """A quantity cannot be converted. The text names the item and both units."""


@dataclass(frozen=True)
class Unit:
    """A unit is `factor` of its `base`: the unit kg has the base g and the factor 1000."""

    base: str
    factor: Decimal


@dataclass(frozen=True)
class StockItem:
    """An item of stock, counted in `unit`. `conversions`: how many of `unit` are in one of another unit."""

    id: str
    name: str
    unit: str
    conversions: Mapping[str, Decimal] = field(default_factory=dict)
    safety_stock: Decimal = Decimal(0)


def in_item_unit(quantity: Decimal, unit: str, item: StockItem, units: Mapping[str, Unit]) -> Decimal:
    """The quantity in the item's own unit, exactly. Raises `UnitUnknown`.

    Of an item in g with a bag of 25000: in_item_unit(Decimal(2), "bag", …) is 50000, and 3 kg are 3000.
    """
    factor = _factor(unit, item.unit, units)
    if factor is not None:
        return quantity * factor
    for packed, contained in item.conversions.items():
        factor = _factor(unit, packed, units)
        if factor is not None:
            return quantity * factor * contained
    raise UnitUnknown(f"There is no conversion of {item.id} from {unit} to {item.unit}.")


def _factor(source: str, target: str, units: Mapping[str, Unit]) -> Decimal | None:
    if source == target:
        return Decimal(1)
    first, second = units.get(source, Unit(source, Decimal(1))), units.get(target, Unit(target, Decimal(1)))
    return first.factor / second.factor if first.base == second.base else None
