"""/v1/sync/units, /v1/sync/stock-items and /v1/sync/recipes: how much stock a sale uses up, as JSON and as CSV."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, StringConstraints

from functions.sync.recipes.consumption import Ingredient, Pantry, Recipe
from functions.sync.recipes.units import StockItem, Unit, UnitUnknown
from functions.sync.records import recipe_files as csv_files
from functions.sync.records.csv_file import FileRefused, RowFault
from functions.sync.resources.access import MANAGE, READ, AsciiKey, ChainQuery, require
from functions.sync.tables.recipes import (
    delete_recipes,
    read_pantry,
    read_recipes,
    read_stock_items,
    read_units,
    upsert_recipes,
    upsert_stock_items,
    upsert_units,
)
from shared.contracts.models import Input, Output
from shared.contracts.text import Id, Name
from shared.spine.errors import Fault, Rejected
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

Row = TypeVar("Row")
MOST = 1_000
MOST_BYTES = 1_000_000
CSV = "text/csv; charset=utf-8"
Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$")]
RecipeCode = Annotated[str, StringConstraints(pattern=r"^(option:)?[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64})?$")]


def _above_zero(text: str) -> str:
    if not Decimal(text):
        raise ValueError("must be more than 0")
    return text


Factor = Annotated[Quantity, AfterValidator(_above_zero)]


class UnitIn(Input):
    """A unit is `factor` of its `base`: 1 kg is 1000 g."""

    base: Id
    factor: Factor


class UnitsIn(Input):
    """Units by name. Other units stay."""

    units: Annotated[dict[Id, UnitIn], Field(min_length=1, max_length=MOST)]


class StockItemIn(Input):
    """An item of stock, counted in `unit`. `conversions`: how many of `unit` are in one of another unit."""

    id: Id
    name: Name
    unit: Id
    conversions: Annotated[dict[Id, Factor], Field(max_length=50)] = {}
    safety_stock: Quantity = "0"


class StockItemsIn(Input):
    """Stock items to store. Others stay."""

    items: Annotated[list[StockItemIn], Field(min_length=1, max_length=MOST)]


class IngredientIn(Input):
    """Stock in a recipe. `usable` is the share that preparation leaves, from above 0 to 1."""

    item: Id
    quantity: Factor
    unit: Id
    usable: Factor = "1"


class RecipeIn(Input):
    """The ingredients of `portions` pieces of an item (`pizza`), a size (`pizza/M`) or an option (`option:cheese`)."""

    code: RecipeCode
    portions: Factor = "1"
    ingredients: Annotated[list[IngredientIn], Field(max_length=200)]


class RecipesIn(Input):
    """Recipes to store. Others stay. A recipe without ingredients is deleted."""

    recipes: Annotated[list[RecipeIn], Field(min_length=1, max_length=MOST)]


class CsvIn(Input):
    """The text of a CSV file with a header."""

    csv: Annotated[str, StringConstraints(min_length=1, max_length=MOST_BYTES)]


class Units(Output):
    """Units by name."""

    units: dict[str, UnitIn]


class StockItems(Output):
    """Stock items by id. `next` continues the list."""

    items: list[StockItemIn]
    next: str | None = None


class Recipes(Output):
    """Recipes by code. `next` continues the list."""

    recipes: list[RecipeIn]
    next: str | None = None


class Stored(Output):
    """How many rows were stored."""

    stored: int


class PageQuery(ChainQuery):
    """A page of the list: the rows after `after`."""

    after: AsciiKey = ""
    limit: Annotated[int, Field(ge=1, le=MOST)] = 500


def get_units(call: Call, query: ChainQuery) -> Reply:
    """List the units of a chain."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        units = read_units(transaction, query.chain)
    return Reply(Units(units={name: UnitIn(base=unit.base, factor=f"{unit.factor:f}") for name, unit in units.items()}))


def put_units(call: Call, query: ChainQuery, body: UnitsIn) -> Reply:
    """Store units of a chain."""
    require(call, MANAGE, query.chain)
    units = {name: Unit(unit.base, Decimal(unit.factor)) for name, unit in body.units.items()}
    with call.once() as (work, stored):
        upsert_units(work, query.chain, units)
        _check_all(work, query.chain)
        stored.reply = Stored(stored=len(units)).model_dump_json()
    return Reply(stored.reply)


def list_stock_items(call: Call, query: PageQuery) -> Reply:
    """List the stock items of a chain."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        items = read_stock_items(transaction, query.chain, query.after, query.limit)
    following = items[-1].id if len(items) == query.limit else None
    return Reply(StockItems(items=[_item_document(item) for item in items], next=following))


def put_stock_items(call: Call, query: ChainQuery, body: StockItemsIn) -> Reply:
    """Store stock items of a chain."""
    return _store_items(call, query.chain, [_item(item) for item in body.items])


def list_recipes(call: Call, query: PageQuery) -> Reply:
    """List the recipes of a chain."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        recipes = read_recipes(transaction, query.chain, query.after, query.limit)
    following = recipes[-1].code if len(recipes) == query.limit else None
    return Reply(Recipes(recipes=[_recipe_document(recipe) for recipe in recipes], next=following))


def put_recipes(call: Call, query: ChainQuery, body: RecipesIn) -> Reply:
    """Store recipes of a chain. Each ingredient must be a stock item with a conversion of its unit."""
    return _store_recipes(call, query.chain, [_recipe(recipe) for recipe in body.recipes])


def export_stock_items(call: Call, query: ChainQuery) -> Reply:
    """Get all stock items as CSV."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        text = csv_files.items_csv(read_stock_items(transaction, query.chain))
    return Reply(text, media_type=CSV)


def export_recipes(call: Call, query: ChainQuery) -> Reply:
    """Get all recipes as CSV, a row for each ingredient."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        text = csv_files.recipes_csv(read_recipes(transaction, query.chain))
    return Reply(text, media_type=CSV)


def import_stock_items(call: Call, query: ChainQuery, body: CsvIn) -> Reply:
    """Store stock items from CSV: all of them, or none when a row is wrong."""
    return _store_items(call, query.chain, _parsed(body.csv, csv_files.read_items))


def import_recipes(call: Call, query: ChainQuery, body: CsvIn) -> Reply:
    """Store recipes from CSV, a row for each ingredient: all of them, or none when a row is wrong."""
    return _store_recipes(call, query.chain, _parsed(body.csv, csv_files.read_recipes))


def _parsed(text: str, read: Callable[[bytes], tuple[list[Row], list[RowFault]]]) -> list[Row]:
    try:
        rows, faults = read(text.encode())
    except FileRefused as refusal:
        raise Rejected("file_invalid", str(refusal)) from None
    if faults:
        named = tuple(Fault(f"row {fault.row}, {fault.column}", "invalid", fault.detail) for fault in faults[:100])
        raise Rejected("body_invalid", f"{len(faults)} row(s) of the file are wrong; each is named", faults=named)
    return rows


def _store_items(call: Call, chain: str, items: Sequence[StockItem]) -> Reply:
    require(call, MANAGE, chain)
    with call.once() as (work, stored):
        upsert_stock_items(work, chain, items, call.env.clock())
        _check_all(work, chain)
        stored.reply = Stored(stored=len(items)).model_dump_json()
    return Reply(stored.reply)


def _store_recipes(call: Call, chain: str, recipes: Sequence[Recipe]) -> Reply:
    require(call, MANAGE, chain)
    with call.once() as (work, stored):
        upsert_recipes(work, chain, [recipe for recipe in recipes if recipe.ingredients], call.env.clock())
        delete_recipes(work, chain, [recipe.code for recipe in recipes if not recipe.ingredients])
        _check_all(work, chain)
        stored.reply = Stored(stored=len(recipes)).model_dump_json()
    return Reply(stored.reply)


def _check_all(work: Work, chain: str) -> None:
    """Raises `Rejected` when an ingredient of any recipe has no stock item, or a unit without a conversion."""
    pantry: Pantry = read_pantry(work, chain)
    for recipe in pantry.recipes.values():
        try:
            pantry.need(recipe)
        except UnitUnknown as failure:
            raise Rejected("recipe_invalid", str(failure)) from None


def _item(item: StockItemIn) -> StockItem:
    conversions: Mapping[str, Decimal] = {unit: Decimal(text) for unit, text in item.conversions.items()}
    return StockItem(item.id, item.name, item.unit, conversions, Decimal(item.safety_stock))


def _recipe(recipe: RecipeIn) -> Recipe:
    ingredients = tuple(
        Ingredient(part.item, Decimal(part.quantity), part.unit, Decimal(part.usable)) for part in recipe.ingredients
    )
    return Recipe(recipe.code, Decimal(recipe.portions), ingredients)


def _item_document(item: StockItem) -> StockItemIn:
    return StockItemIn.model_construct(
        id=item.id,
        name=item.name,
        unit=item.unit,
        conversions={unit: f"{factor:f}" for unit, factor in item.conversions.items()},
        safety_stock=f"{item.safety_stock:f}",
    )


def _recipe_document(recipe: Recipe) -> RecipeIn:
    return RecipeIn.model_construct(
        code=recipe.code,
        portions=f"{recipe.portions:f}",
        ingredients=[
            IngredientIn.model_construct(
                item=part.item, quantity=f"{part.quantity:f}", unit=part.unit, usable=f"{part.usable:f}"
            )
            for part in recipe.ingredients
        ],
    )
