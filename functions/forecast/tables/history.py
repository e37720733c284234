"""Daily revenue of stores, from orders and from imported files."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from functions.forecast.tables.keys import store_keys
from shared.contracts.ids import store_key
from shared.spine.db import Transaction

STORES_PER_COMMIT = 50  # a commit for each store would take longer than the work itself

# The subquery reads one day of each store. MAX over all rows would read two years.
SELECT_NEWEST_FROM_ORDERS = """
    SELECT p.store, (
        SELECT h.day FROM forecast_history h WHERE h.store_id = p.store_id AND h.source = 'orders'
        ORDER BY h.day DESC LIMIT 1) AS day
    FROM store_places p WHERE p.store_id IN %(store_keys)s"""
SELECT_DAILY_REVENUE = """
    SELECT business_day AS day, currency, revenue FROM daily_revenue
    WHERE store_id = %(store_key)s AND business_day BETWEEN %(first_day)s AND %(last_day)s"""
UPSERT_HISTORY = """
    INSERT INTO forecast_history (store_id, day, source, chain_id, currency, revenue)
    VALUES (%(store_key)s, %(day)s, %(source)s, %(chain)s, %(currency)s, %(revenue)s)
    ON DUPLICATE KEY UPDATE chain_id = VALUES(chain_id), currency = VALUES(currency), revenue = VALUES(revenue)"""
# 'import' sorts before 'orders': the first row of a day is valid.
SELECT_HISTORY = """
    SELECT day, currency, revenue, source FROM forecast_history
    WHERE store_id = %(store_key)s AND day BETWEEN %(first_day)s AND %(last_day)s ORDER BY day, source"""
# With a row a day the client takes five times as long.
SELECT_HISTORIES = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store,
        JSON_ARRAYAGG(CONCAT_WS(' ', DATEDIFF(day, %(first_day)s), source, currency, revenue)) AS days
    FROM forecast_history WHERE store_id IN %(store_keys)s AND day BETWEEN %(first_day)s AND %(last_day)s
    GROUP BY store_id ORDER BY store_id"""
SELECT_NEWEST_DAY = "SELECT MAX(day) AS day FROM forecast_history WHERE chain_id = %(chain)s"
SELECT_FIRST_DAY = "SELECT MIN(day) AS day FROM forecast_history WHERE chain_id = %(chain)s"


@dataclass(frozen=True)
class DailyRevenue:
    """The revenue of one day in minor units; `source` is `orders` or `import`."""

    day: date
    currency: str
    revenue: int
    source: str


def read_newest_from_orders(transaction: Transaction, chain: str, stores: Sequence[str]) -> dict[str, date | None]:
    """By store, the newest day that was taken over from orders."""
    if not stores:
        return {}
    rows = transaction.rows(SELECT_NEWEST_FROM_ORDERS, {"store_keys": store_keys(chain, stores)})
    return {row["store"]: row["day"] for row in rows}


def read_daily_revenue(
    transaction: Transaction, chain: str, store: str, first_day: date, last_day: date
) -> list[DailyRevenue]:
    """The revenue of a store as orders publish it."""
    values = {"store_key": store_key(chain, store), "first_day": first_day, "last_day": last_day}
    return [DailyRevenue(**row, source="orders") for row in transaction.rows(SELECT_DAILY_REVENUE, values)]


def upsert_history(transaction: Transaction, chain: str, days: Iterable[tuple[str, DailyRevenue]]) -> None:
    """Insert or replace days of stores of the chain."""
    transaction.execute_many(
        UPSERT_HISTORY, ({"store_key": store_key(chain, store), "chain": chain, **vars(day)} for store, day in days)
    )


def read_history(
    transaction: Transaction, chain: str, store: str, first_day: date, last_day: date
) -> list[DailyRevenue]:
    """The days of a store in order; if a day has two sources, the valid one comes first."""
    values = {"store_key": store_key(chain, store), "first_day": first_day, "last_day": last_day}
    return [DailyRevenue(**row) for row in transaction.rows(SELECT_HISTORY, values)]


def read_histories(
    transaction: Transaction, chain: str, stores: Sequence[str], first_day: date, last_day: date
) -> dict[str, list[str]]:
    """By store, in order of its key: "days-since-first source currency revenue" of each day, in any order."""
    if not stores:
        return {}
    values = {"store_keys": store_keys(chain, stores), "first_day": first_day, "last_day": last_day}
    return {row["store"]: json.loads(row["days"]) for row in transaction.rows(SELECT_HISTORIES, values)}


def read_newest_day(transaction: Transaction, chain: str) -> date | None:
    """The last day of the chain that has revenue."""
    row = transaction.row(SELECT_NEWEST_DAY, {"chain": chain})
    return row["day"] if row else None


def read_first_day(transaction: Transaction, chain: str) -> date | None:
    """The first day of the chain that has revenue."""
    row = transaction.row(SELECT_FIRST_DAY, {"chain": chain})
    return row["day"] if row else None
