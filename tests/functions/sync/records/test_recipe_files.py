"""Recipes and stock items as CSV, and back; a wrong row is named."""

from decimal import Decimal

from functions.sync.recipes.consumption import Ingredient, Recipe
from functions.sync.recipes.units import StockItem
from functions.sync.records.recipe_files import items_csv, read_items, read_recipes, recipes_csv

ONION = Ingredient("onion", Decimal(1), "pc", Decimal("0.9"))
RECIPES = [
    Recipe("pizza/M", Decimal(4), (Ingredient("flour", Decimal("1.2"), "kg"), ONION)),
    Recipe("option:cheese", Decimal(1), (Ingredient("cheese", Decimal(30), "g"),)),
]
ITEMS = [StockItem("flour", "Flour, white", "g", {"bag": Decimal(25_000), "kg": Decimal(1000)}, Decimal("0.5"))]


def test_recipes_and_items_come_back_from_their_files() -> None:
    assert read_recipes(recipes_csv(RECIPES).encode()) == (RECIPES, [])
    assert read_items(items_csv(ITEMS).encode()) == (ITEMS, [])


def test_wrong_rows_are_named_by_row_and_column() -> None:
    text = (
        'code,portions,item,quantity,unit,usable\npizza,1,flour,"1,5",kg,\npizza,2,salt,1,g,\n'
        "cake,1,egg,0,pc,\ncake,1,egg,1,pc,1.1\ncake,1,egg,NaN,pc,\ncake,1,egg,2,pc,\n"
    )
    recipes, faults = read_recipes(text.encode())
    assert [(fault.row, fault.column) for fault in faults] == [
        (2, "quantity"), (3, "portions"), (4, "quantity"), (5, "usable"), (6, "quantity"),
    ]  # fmt: skip
    assert recipes == [Recipe("cake", Decimal(1), (Ingredient("egg", Decimal(2), "pc"),))]


def test_a_name_that_a_spreadsheet_would_run_is_quoted() -> None:
    assert "'=1+1" in items_csv([StockItem("x", "=1+1", "g")])


def test_what_no_column_holds_is_refused_with_its_row() -> None:
    long, many = "x" * 65, "|".join(f"u{number}=1" for number in range(51))
    rows = [f"{long},n,g,0,", f"a,n,{long},0,", "a,\x07,g,0,", f"a,n,g,0,{long}=1", "a,n,g,0,=1", f"a,n,g,0,{many}"]
    text = "\n".join(["item,name,unit,safety_stock,conversions", *rows])
    items, faults = read_items(text.encode())
    assert not items
    assert [fault.column for fault in faults] == ["item", "unit", "name", *["conversions"] * 3]
