"""SQL of `sync_units`, `sync_stock_items` and `sync_recipes`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from functions.sync.recipes.consumption import Ingredient, Pantry, Recipe
from functions.sync.recipes.units import StockItem, Unit
from shared.spine.db import Row, Transaction

SELECT_UNITS = "SELECT unit, base, factor FROM sync_units WHERE chain_id = %(chain)s ORDER BY unit"
UPSERT_UNITS = """
    INSERT INTO sync_units (chain_id, unit, base, factor) VALUES (%(chain)s, %(unit)s, %(base)s, %(factor)s)
    ON DUPLICATE KEY UPDATE base = VALUES(base), factor = VALUES(factor)"""
SELECT_ITEMS = """
    SELECT item_id, name, unit, conversions, safety_stock FROM sync_stock_items
    WHERE chain_id = %(chain)s AND item_id > %(after)s ORDER BY item_id LIMIT %(limit)s"""
UPSERT_ITEMS = """
    INSERT INTO sync_stock_items (chain_id, item_id, name, unit, conversions, safety_stock, changed_at)
    VALUES (%(chain)s, %(id)s, %(name)s, %(unit)s, %(conversions)s, %(safety_stock)s, %(now)s)
    ON DUPLICATE KEY UPDATE name = VALUES(name), unit = VALUES(unit), conversions = VALUES(conversions),
        safety_stock = VALUES(safety_stock), changed_at = VALUES(changed_at)"""
SELECT_RECIPES = """
    SELECT code, portions, ingredients FROM sync_recipes
    WHERE chain_id = %(chain)s AND code > %(after)s ORDER BY code LIMIT %(limit)s"""
UPSERT_RECIPES = """
    INSERT INTO sync_recipes (chain_id, code, portions, ingredients, changed_at)
    VALUES (%(chain)s, %(code)s, %(portions)s, %(ingredients)s, %(now)s)
    ON DUPLICATE KEY UPDATE portions = VALUES(portions), ingredients = VALUES(ingredients),
        changed_at = VALUES(changed_at)"""
DELETE_RECIPES = "DELETE FROM sync_recipes WHERE chain_id = %(chain)s AND code IN %(codes)s"
# A chain has fewer.
MOST = 100_000


def read_units(transaction: Transaction, chain: str) -> dict[str, Unit]:
    """The units of a chain by name."""
    rows = transaction.rows(SELECT_UNITS, {"chain": chain})
    return {row["unit"]: Unit(row["base"], Decimal(row["factor"]).normalize()) for row in rows}


def upsert_units(transaction: Transaction, chain: str, units: Mapping[str, Unit]) -> None:
    """Store units. Others stay."""
    rows = [{"chain": chain, "unit": name, "base": unit.base, "factor": unit.factor} for name, unit in units.items()]
    if rows:
        transaction.execute_many(UPSERT_UNITS, rows)


def read_stock_items(transaction: Transaction, chain: str, after: str = "", limit: int = MOST) -> list[StockItem]:
    """Stock items by id."""
    rows = transaction.rows(SELECT_ITEMS, {"chain": chain, "after": after, "limit": limit})
    return [_item(row) for row in rows]


def upsert_stock_items(transaction: Transaction, chain: str, items: Sequence[StockItem], now: datetime) -> None:
    """Store stock items. Others stay."""
    rows = [
        dict(vars(item)) | {"chain": chain, "now": now, "conversions": json.dumps(item.conversions, default=str)}
        for item in items
    ]
    if rows:
        transaction.execute_many(UPSERT_ITEMS, rows)


def read_recipes(transaction: Transaction, chain: str, after: str = "", limit: int = MOST) -> list[Recipe]:
    """Recipes by code."""
    return [_recipe(row) for row in transaction.rows(SELECT_RECIPES, {"chain": chain, "after": after, "limit": limit})]


def upsert_recipes(transaction: Transaction, chain: str, recipes: Iterable[Recipe], now: datetime) -> None:
    """Store recipes. Others stay."""
    rows = [
        {
            "chain": chain,
            "code": recipe.code,
            "portions": recipe.portions,
            "ingredients": json.dumps([vars(ingredient) for ingredient in recipe.ingredients], default=str),
            "now": now,
        }
        for recipe in recipes
    ]
    if rows:
        transaction.execute_many(UPSERT_RECIPES, rows)


def delete_recipes(transaction: Transaction, chain: str, codes: Sequence[str]) -> None:
    """Delete recipes."""
    if codes:
        transaction.execute(DELETE_RECIPES, {"chain": chain, "codes": tuple(codes)})


def read_pantry(transaction: Transaction, chain: str) -> Pantry:
    """Recipes, stock items and units of a chain."""
    return Pantry(
        {recipe.code: recipe for recipe in read_recipes(transaction, chain)},
        {item.id: item for item in read_stock_items(transaction, chain)},
        read_units(transaction, chain),
    )


def _item(row: Row) -> StockItem:
    conversions = {unit: Decimal(text) for unit, text in json.loads(row["conversions"]).items()}
    return StockItem(row["item_id"], row["name"], row["unit"], conversions, Decimal(row["safety_stock"]).normalize())


def _recipe(row: Row) -> Recipe:
    ingredients = tuple(
        Ingredient(part["item"], Decimal(part["quantity"]), part["unit"], Decimal(part["usable"]))
        for part in json.loads(row["ingredients"])
    )
    return Recipe(row["code"], Decimal(row["portions"]).normalize(), ingredients)
