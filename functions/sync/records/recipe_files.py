"""Stock items and recipes as CSV, and back. A row with a fault is named by its number and column."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from functions.sync.recipes.consumption import Ingredient, Recipe
from functions.sync.recipes.units import StockItem
from functions.sync.records.csv_file import RowFault, read_rows
from shared.contracts.text import printable

ITEM_COLUMNS = ("item", "name", "unit", "safety_stock", "conversions")
RECIPE_COLUMNS = ("code", "portions", "item", "quantity", "unit", "usable")
LONGEST, LONGEST_NAME = 64, 200
# `option:`, an item and a size.
LONGEST_CODE = 2 * LONGEST + 8
MOST_CONVERSIONS = 50


class _Wrong(ValueError):
    """A value of a column is wrong."""

    def __init__(self, column: str, detail: str) -> None:
        super().__init__(detail)
        self.column = column


def items_csv(items: Iterable[StockItem]) -> str:
    """Stock items. Conversions are `case=24|bag=25`."""
    rows = [
        (
            item.id,
            item.name,
            item.unit,
            f"{item.safety_stock:f}",
            "|".join(f"{u}={f:f}" for u, f in item.conversions.items()),
        )
        for item in items
    ]
    return _written(ITEM_COLUMNS, rows)


def recipes_csv(recipes: Iterable[Recipe]) -> str:
    """Recipes, a row for each ingredient."""
    rows = [
        (recipe.code, f"{recipe.portions:f}", part.item, f"{part.quantity:f}", part.unit, f"{part.usable:f}")
        for recipe in recipes
        for part in recipe.ingredients
    ]
    return _written(RECIPE_COLUMNS, rows)


def read_items(content: bytes) -> tuple[list[StockItem], list[RowFault]]:
    """Stock items, and the rows that are wrong. Raises `FileRefused`."""
    items, faults = [], []
    for row in read_rows(content, ITEM_COLUMNS):
        if isinstance(row, RowFault):
            faults.append(row)
            continue
        number, values = row
        try:
            items.append(_item(values))
        except _Wrong as wrong:
            faults.append(RowFault(number, wrong.column, str(wrong)))
    return items, faults


def read_recipes(content: bytes) -> tuple[list[Recipe], list[RowFault]]:
    """Recipes, and the rows that are wrong. Raises `FileRefused`."""
    parts: dict[str, list[Ingredient]] = {}
    portions: dict[str, Decimal] = {}
    faults: list[RowFault] = []
    for row in read_rows(content, RECIPE_COLUMNS):
        if isinstance(row, RowFault):
            faults.append(row)
            continue
        number, values = row
        try:
            code = _portioned(values, portions)
            ingredient = _ingredient(values)
            parts.setdefault(code, []).append(ingredient)
        except _Wrong as wrong:
            faults.append(RowFault(number, wrong.column, str(wrong)))
    return [Recipe(code, portions[code], tuple(ingredients)) for code, ingredients in parts.items()], faults


def _portioned(values: dict[str, str], portions: dict[str, Decimal]) -> str:
    """The code of the row's recipe, whose portions are the same in all its rows."""
    code, amount = _name(values, "code", LONGEST_CODE), _quantity(values, "portions")
    if portions.setdefault(code, amount) != amount:
        raise _Wrong("portions", f"{code} has other portions in an earlier row.")
    return code


def _item(values: dict[str, str]) -> StockItem:
    conversions = {}
    for pair in filter(None, values["conversions"].split("|")):
        unit, _, factor = pair.partition("=")
        unit = _name({"conversions": unit}, "conversions")
        conversions[unit] = _quantity({"conversions": factor}, "conversions")
    if len(conversions) > MOST_CONVERSIONS:
        raise _Wrong("conversions", f"An item has at most {MOST_CONVERSIONS} conversions.")
    safety = _quantity(values, "safety_stock", smallest=Decimal(0)) if values["safety_stock"] else Decimal(0)
    return StockItem(_name(values, "item"), _text(values, "name"), _name(values, "unit"), conversions, safety)


def _ingredient(values: dict[str, str]) -> Ingredient:
    usable = _quantity(values, "usable") if values["usable"] else Decimal(1)
    if usable > 1:
        raise _Wrong("usable", "The usable share is at most 1.")
    return Ingredient(_name(values, "item"), _quantity(values, "quantity"), _name(values, "unit"), usable)


def _text(values: dict[str, str], column: str) -> str:
    try:
        return printable(values[column])[:LONGEST_NAME]
    except ValueError as failure:
        raise _Wrong(column, f"The text {failure}.") from None


def _name(values: dict[str, str], column: str, longest: int = LONGEST) -> str:
    text = values[column].strip()
    if not 0 < len(text) <= longest or not text.isascii() or not text.isprintable() or " " in text:
        raise _Wrong(column, f"{text[:80]!r} is no code.")
    return text


def _quantity(values: dict[str, str], column: str, smallest: Decimal | None = None) -> Decimal:
    text = values[column].strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Wrong(column, f"{text[:80]!r} is not a number. Use a decimal point.") from None
    if not number.is_finite() or number >= 10**12 or number != round(number, 6) or number < (smallest or 0):
        raise _Wrong(column, f"{text[:80]} is no quantity with at most six decimals.")
    if smallest is None and not number:
        raise _Wrong(column, "The quantity must be more than 0.")
    return number


def _written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_safe(value) for value in row] for row in rows)
    return text.getvalue()


def _safe(value: str) -> str:
    """A spreadsheet runs a text that begins so as a formula."""
    return f"'{value}" if value[:1] in "=+-@\t\r" else value
