"""Recipes × sales → the stock that they used up. Pure functions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from functions.sync.recipes.units import StockItem, Unit, UnitUnknown, in_item_unit
from shared.contracts.messages.order_parts import Option
from shared.contracts.messages.orders import Line, Order

# Quantities of documents have six decimals.
SMALLEST = Decimal("0.000001")


@dataclass(frozen=True)
class Ingredient:
    """Stock in a recipe. `usable` is the share that preparation leaves: of 1 kg of onions with 0.9 are 900 g usable."""

    item: str
    quantity: Decimal
    unit: str
    usable: Decimal = Decimal(1)


@dataclass(frozen=True)
class Recipe:
    """The ingredients of `portions` pieces of `code`: an item of the menu, `item/size`, or `option:ID`."""

    code: str
    portions: Decimal
    ingredients: tuple[Ingredient, ...]


@dataclass(frozen=True)
class Pantry:
    """Recipes, stock items and units of a chain."""

    recipes: Mapping[str, Recipe]
    items: Mapping[str, StockItem]
    units: Mapping[str, Unit]

    def recipe_of(self, item: str, size: str | None) -> Recipe | None:
        """The recipe of a size, else that of the item for all sizes."""
        return self.recipes.get(f"{item}/{size}" if size else item) or self.recipes.get(item)

    def need(self, recipe: Recipe) -> dict[str, Decimal]:
        """Stock of one piece by stock item, in its own unit. Raises `UnitUnknown`."""
        needs: dict[str, Decimal] = defaultdict(Decimal)
        for ingredient in recipe.ingredients:
            item = self.items.get(ingredient.item)
            if item is None:
                raise UnitUnknown(f"The recipe of {recipe.code} names the unknown stock item {ingredient.item}.")
            quantity = in_item_unit(ingredient.quantity, ingredient.unit, item, self.units)
            needs[item.id] += quantity / ingredient.usable / recipe.portions
        return dict(needs)


def consumption(orders: Sequence[Order], pantry: Pantry) -> dict[str, Decimal]:
    """The stock that the orders used up by stock item, in its own unit, to six decimals.

    It is summed exactly and rounded once. An item without a recipe uses up nothing. Raises `UnitUnknown`.
    """
    pieces: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        for code, quantity in _pieces(order, pantry):
            pieces[code] += quantity
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for code, quantity in pieces.items():
        for item, need in pantry.need(pantry.recipes[code]).items():
            sums[item] += need * quantity
    rounded = {item: total.quantize(SMALLEST, ROUND_HALF_UP) for item, total in sorted(sums.items())}
    return {item: total for item, total in rounded.items() if total}


def _pieces(order: Order, pantry: Pantry) -> Iterator[tuple[str, Decimal]]:
    """(code of a recipe, pieces) of the sold items. Goods by weight count by the kilogram."""
    for line in order.lines:
        quantity = _quantity(line)
        recipe = pantry.recipe_of(line.item, line.size)
        if recipe:
            yield recipe.code, quantity
        yield from _options(line.options, quantity, pantry)
        for part in line.parts:
            chosen = pantry.recipe_of(part.item, part.size)
            if chosen:
                yield chosen.code, quantity * part.quantity
            yield from _options(part.options, quantity * part.quantity, pantry)


def _quantity(line: Line) -> Decimal:
    return Decimal(line.weight) / 1000 if line.weight is not None else Decimal(line.quantity)


def _options(options: Sequence[Option], pieces: Decimal, pantry: Pantry) -> Iterator[tuple[str, Decimal]]:
    """Options with a recipe. One that the kitchen leaves out gives its stock back."""
    for option in options:
        quantity = pieces * option.quantity * (-1 if option.without else 1)
        if f"option:{option.id}" in pantry.recipes:
            yield f"option:{option.id}", quantity
        yield from _options(option.options, quantity, pantry)
