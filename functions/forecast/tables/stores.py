"""Chains and stores: time zone, currency, region, and the days on which opening hours close a store."""

from dataclasses import dataclass
from datetime import date

from shared.contracts.ids import store_key
from shared.spine.db import Transaction

SELECT_CHAINS = "SELECT DISTINCT chain_id AS chain FROM store_places ORDER BY chain_id"
SELECT_STORES = """
    SELECT store, timezone, currency FROM store_places WHERE chain_id = %(chain)s ORDER BY store_id"""
SELECT_REGION = "SELECT region_id AS region FROM store_places WHERE store_id = %(store_key)s"
SELECT_CLOSED_DAYS = """
    SELECT SUBSTRING_INDEX(store_id, ':', -1) AS store, weekday, day FROM store_closings
    WHERE chain_id = %(chain)s AND (weekday IS NOT NULL OR day BETWEEN %(first_day)s AND %(last_day)s)"""


@dataclass(frozen=True)
class ChainStore:
    """A store of a chain, as forecasting needs it."""

    store: str
    timezone: str
    currency: str


@dataclass(frozen=True)
class ClosedDay:
    """A `weekday` (0 is Monday), or one `day`, on which the opening hours close the store."""

    store: str
    weekday: int | None
    day: date | None


def read_chains(transaction: Transaction) -> list[str]:
    """Every chain that has stores."""
    return [row["chain"] for row in transaction.rows(SELECT_CHAINS)]


def read_stores(transaction: Transaction, chain: str) -> list[ChainStore]:
    """The stores of the chain, in the order of their keys."""
    return [ChainStore(**row) for row in transaction.rows(SELECT_STORES, {"chain": chain})]


def read_region(transaction: Transaction, chain: str, store: str) -> str | None:
    """The region of the store, or None if the chain has no such store."""
    row = transaction.row(SELECT_REGION, {"store_key": store_key(chain, store)})
    return row["region"] if row else None


def read_closed_days(transaction: Transaction, chain: str, first_day: date, last_day: date) -> list[ClosedDay]:
    """Closed weekdays of all stores of the chain, and single closed days between the two days."""
    values = {"chain": chain, "first_day": first_day, "last_day": last_day}
    return [ClosedDay(**row) for row in transaction.rows(SELECT_CLOSED_DAYS, values)]
