"""SQL that reads the places of stores, of the view that `stores` publishes."""

from collections.abc import Sequence

from shared.contracts.ids import store_key
from shared.spine.db import Transaction
from shared.spine.rights import Scope

SELECT_PLACES = "SELECT region_id AS region, store FROM store_places WHERE store_id IN %(keys)s"
SELECT_STORES = """
    SELECT store, store_id FROM store_places WHERE chain_id = %(chain)s AND store_id > %(after)s
    ORDER BY store_id LIMIT %(limit)s"""


def read_scopes(transaction: Transaction, chain: str, stores: Sequence[str]) -> dict[str, Scope]:
    """The scopes of these stores of the chain, as far as they exist."""
    keys = tuple(store_key(chain, store) for store in stores)
    rows = transaction.rows(SELECT_PLACES, {"keys": keys}) if keys else []
    return {row["store"]: Scope(chain, row["region"], row["store"]) for row in rows}


def read_stores(transaction: Transaction, chain: str, after: str, limit: int) -> list[str]:
    """Stores of the chain after a store, by key."""
    values = {"chain": chain, "after": store_key(chain, after) if after else "", "limit": limit}
    return [row["store"] for row in transaction.rows(SELECT_STORES, values)]
