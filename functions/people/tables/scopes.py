"""Where stores stand, by the view `store_places`."""

from collections.abc import Collection, Sequence

from shared.contracts.ids import split_key, store_key
from shared.spine.db import Transaction
from shared.spine.rights import Scope

SELECT_SCOPES = "SELECT chain_id, region_id, store_id FROM store_places WHERE store_id IN %(stores)s"
SELECT_STORES_OF_REGIONS = """
    SELECT store_id FROM store_places WHERE chain_id = %(chain)s AND region_id IN %(regions)s LIMIT 20000"""


def read_scopes(transaction: Transaction, chain: str, stores: Collection[str]) -> dict[str, Scope]:
    """The scopes of those of the stores that exist, by the store's id in its chain."""
    if not stores:
        return {}
    rows = transaction.rows(SELECT_SCOPES, {"stores": sorted(store_key(chain, store) for store in stores)})
    ids = [(split_key(row["store_id"])[1], row["region_id"]) for row in rows]
    return {store: Scope(chain, region, store) for store, region in ids}


def read_stores_of_regions(transaction: Transaction, chain: str, regions: Sequence[str]) -> list[str]:
    """The ids of the stores in these regions of the chain."""
    if not regions:
        return []
    rows = transaction.rows(SELECT_STORES_OF_REGIONS, {"chain": chain, "regions": regions})
    return [split_key(row["store_id"])[1] for row in rows]
