"""Sales of past days by half-hour and item, and the paid orders that they are counted from."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any

from shared.contracts.ids import store_key
from shared.spine.db import Row, Transaction

SELECT_ORDER_SALES = """
    SELECT business_day AS day, placed_at, revenue, items, quantities FROM order_sales
    WHERE store_id = %(store_key)s AND business_day BETWEEN %(first_day)s AND %(last_day)s ORDER BY business_day"""
SELECT_COUNTED_DAYS = """
    SELECT MIN(day) AS first_day, MAX(day) AS last_day FROM forecast_day_sales WHERE store_id = %(store_key)s"""
SELECT_DAY_SALES = """
    SELECT day, orders, revenue, half_hours, items FROM forecast_day_sales
    WHERE store_id = %(store_key)s AND day >= %(first_day)s ORDER BY day"""
UPSERT_DAY_SALES = """
    INSERT INTO forecast_day_sales (store_id, day, orders, revenue, half_hours, items)
    VALUES (%(store_key)s, %(day)s, %(orders)s, %(revenue)s, %(half_hours)s, %(items)s)
    ON DUPLICATE KEY UPDATE orders = VALUES(orders), revenue = VALUES(revenue), half_hours = VALUES(half_hours),
        items = VALUES(items)"""
DELETE_OLD_DAY_SALES = "DELETE FROM forecast_day_sales WHERE store_id = %(store_key)s AND day < %(first_day)s"


@dataclass(frozen=True)
class OrderSale:
    """A paid order: its time, its revenue in minor units, and the units of each item."""

    placed_at: datetime
    revenue: int
    items: Mapping[str, int]


@dataclass(frozen=True)
class DaySales:
    """Orders by half-hour, from 0 at midnight to 47; by item, the units and the sum of squared units of an order."""

    day: date
    orders: int = 0
    revenue: int = 0
    half_hours: Mapping[int, int] = field(default_factory=dict)
    items: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class CountedDays:
    """The first and the last counted day of a store."""

    first_day: date
    last_day: date


def read_order_sales(
    transaction: Transaction, chain: str, store: str, first_day: date, last_day: date
) -> Iterator[tuple[date, list[OrderSale]]]:
    """The paid orders of each day that has some, as orders publish them."""
    values = {"store_key": store_key(chain, store), "first_day": first_day, "last_day": last_day}
    rows = transaction.rows(SELECT_ORDER_SALES, values)
    for day, sales in groupby(rows, key=lambda row: row["day"]):
        yield day, [_order_sale(row) for row in sales]


def read_counted_days(transaction: Transaction, chain: str, store: str) -> CountedDays | None:
    """The counted days of a store, or None if there are none."""
    row = transaction.row(SELECT_COUNTED_DAYS, {"store_key": store_key(chain, store)})
    return CountedDays(**row) if row and row["first_day"] else None


def read_day_sales(transaction: Transaction, chain: str, store: str, first_day: date) -> list[DaySales]:
    """The counted days from `first_day` on."""
    rows = transaction.rows(SELECT_DAY_SALES, {"store_key": store_key(chain, store), "first_day": first_day})
    return [_day_sales(row) for row in rows]


def upsert_day_sales(transaction: Transaction, chain: str, store: str, days: Iterable[DaySales]) -> None:
    """Insert or replace days of a store."""
    key = store_key(chain, store)
    transaction.execute_many(UPSERT_DAY_SALES, ({"store_key": key, **_values(day)} for day in days))


def delete_old_day_sales(transaction: Transaction, chain: str, store: str, first_day: date) -> None:
    """Delete the days before `first_day`."""
    transaction.execute(DELETE_OLD_DAY_SALES, {"store_key": store_key(chain, store), "first_day": first_day})


def _order_sale(row: Row) -> OrderSale:
    items: dict[str, int] = {}
    for item, quantity in zip(json.loads(row["items"] or "[]"), json.loads(row["quantities"] or "[]"), strict=True):
        items[item] = items.get(item, 0) + quantity
    return OrderSale(row["placed_at"].replace(tzinfo=UTC), int(row["revenue"]), items)


def _day_sales(row: Row) -> DaySales:
    half_hours = {int(half_hour): orders for half_hour, orders in json.loads(row["half_hours"]).items()}
    items = {item: (units, squares) for item, (units, squares) in json.loads(row["items"]).items()}
    return DaySales(row["day"], row["orders"], row["revenue"], half_hours, items)


def _values(day: DaySales) -> dict[str, Any]:
    texts = {"half_hours": json.dumps(day.half_hours), "items": json.dumps(day.items)}
    return {"day": day.day, "orders": day.orders, "revenue": day.revenue, **texts}
