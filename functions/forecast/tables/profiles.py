"""Profiles of stores, and the forecasts by half-hour and item that views make of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.contracts.ids import store_key
from shared.spine.db import Transaction

DELETE_HALF_HOURS = "DELETE FROM forecast_half_hour_profiles WHERE store_id = %(store_key)s"
INSERT_HALF_HOUR = """
    INSERT INTO forecast_half_hour_profiles (store_id, weekday, half_hour, share, orders_per_amount)
    VALUES (%(store_key)s, %(weekday)s, %(half_hour)s, %(share)s, %(orders_per_amount)s)"""
DELETE_ITEMS = "DELETE FROM forecast_item_profiles WHERE store_id = %(store_key)s"
INSERT_ITEM = """
    INSERT INTO forecast_item_profiles (store_id, item, units_per_amount, units_per_sale, orders_per_amount)
    VALUES (%(store_key)s, %(item)s, %(units_per_amount)s, %(units_per_sale)s, %(orders_per_amount)s)"""
SELECT_NEWEST_ORIGIN_OF_STORE = """
    SELECT origin FROM forecasts WHERE chain_id = %(chain)s AND store_id = %(store_key)s
    ORDER BY origin DESC LIMIT 1"""
SELECT_HALF_HOURS = """
    SELECT day, half_hour, revenue, orders, variance, p10, p50, p90 FROM forecast_half_hours
    WHERE store_id = %(store_key)s AND origin = %(origin)s AND day BETWEEN %(first_day)s AND %(last_day)s
    ORDER BY day, half_hour"""
SELECT_ITEMS = """
    SELECT day, item, units, variance, p10, p50, p90 FROM forecast_items
    WHERE store_id = %(store_key)s AND origin = %(origin)s AND day BETWEEN %(first_day)s AND %(last_day)s
    ORDER BY day, item"""


Shares = dict[tuple[int, int], float]  # by weekday (0 is Monday) and half-hour


@dataclass(frozen=True)
class ItemRate:
    """`units_per_sale` is the sum of squared units of an order by the units: 1 if each order has one unit.

    The variance of a day's units, for a given number of orders, is `units_per_sale` times their mean.
    """

    units_per_amount: float
    units_per_sale: float


@dataclass(frozen=True)
class HalfHourForecast:
    """Revenue in minor units and orders of a half-hour of a business day; the quantiles are of the orders."""

    day: date
    half_hour: int
    revenue: int
    orders: float
    variance: float
    p10: int
    p50: int
    p90: int


@dataclass(frozen=True)
class ItemForecast:
    """Units of an item on a business day."""

    day: date
    item: str
    units: float
    variance: float
    p10: int
    p50: int
    p90: int


def replace_profiles(
    transaction: Transaction,
    chain: str,
    store: str,
    order_shares: Shares,
    rates: Mapping[str, ItemRate],
    orders_per_amount: float,
) -> None:
    """Replace the profiles of a store."""
    common = {"store_key": store_key(chain, store), "orders_per_amount": orders_per_amount}
    transaction.execute(DELETE_HALF_HOURS, common)
    half_hours = (
        common | {"weekday": weekday, "half_hour": half_hour, "share": share}
        for (weekday, half_hour), share in order_shares.items()
    )
    transaction.execute_many(INSERT_HALF_HOUR, half_hours)
    transaction.execute(DELETE_ITEMS, common)
    transaction.execute_many(INSERT_ITEM, (common | {"item": item, **vars(rate)} for item, rate in rates.items()))


def read_newest_origin_of_store(transaction: Transaction, chain: str, store: str) -> date | None:
    """The newest origin at which the store has a forecast."""
    row = transaction.row(SELECT_NEWEST_ORIGIN_OF_STORE, {"chain": chain, "store_key": store_key(chain, store)})
    return row["origin"] if row else None


def read_half_hours(
    transaction: Transaction, chain: str, store: str, origin: date, first_day: date, last_day: date
) -> list[HalfHourForecast]:
    """Forecasts by half-hour of a store."""
    values = _values(chain, store, origin, first_day, last_day)
    return [HalfHourForecast(**_numbers(row)) for row in transaction.rows(SELECT_HALF_HOURS, values)]


def read_items(
    transaction: Transaction, chain: str, store: str, origin: date, first_day: date, last_day: date
) -> list[ItemForecast]:
    """Forecasts by item of a store."""
    values = _values(chain, store, origin, first_day, last_day)
    return [ItemForecast(**_numbers(row)) for row in transaction.rows(SELECT_ITEMS, values)]


def _values(chain: str, store: str, origin: date, first_day: date, last_day: date) -> dict[str, Any]:
    return {
        "store_key": store_key(chain, store),
        "origin": origin,
        "first_day": first_day,
        "last_day": last_day,
    }


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: int(row[name]) for name in ("p10", "p50", "p90")}
