"""Totals of the next days by store and by batch, at each origin."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.spine.db import Transaction

EVERY_STORE = "*"  # the row of all stores of a batch
UPSERT_TOTAL = """
    INSERT INTO forecast_totals (chain_id, origin, store_id, batch, days, stores, mean, p10, p50, p90)
    VALUES (%(chain)s, %(origin)s, %(store)s, %(batch)s, %(days)s, %(stores)s, %(mean)s, %(p10)s, %(p50)s, %(p90)s)
    ON DUPLICATE KEY UPDATE stores = VALUES(stores), mean = VALUES(mean), p10 = VALUES(p10), p50 = VALUES(p50),
        p90 = VALUES(p90)"""
# Batches share the calendar, so that their errors have the same sign: the distances to P10 and P90 add up.
SUMS = """
    SELECT store_id AS store, days, CAST(SUM(stores) AS SIGNED) AS stores, CAST(SUM(mean) AS SIGNED) AS mean,
        CAST(SUM(p10) AS SIGNED) AS p10, CAST(SUM(p50) AS SIGNED) AS p50, CAST(SUM(p90) AS SIGNED) AS p90
    FROM forecast_totals WHERE chain_id = %(chain)s AND origin = %(origin)s"""
SELECT_TOTALS = f"{SUMS} GROUP BY store_id, days ORDER BY store_id, days"
SELECT_TOTALS_OF_STORE = f"{SUMS} AND store_id = %(store)s GROUP BY store_id, days ORDER BY days"


@dataclass(frozen=True)
class Total:
    """The revenue of the first `days` days after an origin, in minor units, of a store or of `stores` stores."""

    store: str
    days: int
    stores: int
    mean: int
    p10: int
    p50: int
    p90: int


def upsert_totals(transaction: Transaction, chain: str, origin: date, batch: int, totals: Iterable[Total]) -> None:
    """Insert or replace the totals of a batch."""
    shared = {"chain": chain, "origin": origin, "batch": batch}
    transaction.execute_many(UPSERT_TOTAL, [shared | vars(total) for total in totals])


def read_totals(transaction: Transaction, chain: str, origin: date, store: str | None = None) -> list[Total]:
    """The totals of one store; or of every store, with those of the chain under `*` first."""
    statement = SELECT_TOTALS_OF_STORE if store else SELECT_TOTALS
    values = {"chain": chain, "origin": origin} | ({"store": store} if store else {})
    return [Total(**row) for row in transaction.rows(statement, values)]
