"""Where the stores of endpoints stand, by the view `store_places`."""

from collections.abc import Sequence

from shared.contracts.ids import split_key, store_key
from shared.spine.db import Transaction
from shared.spine.rights import Scope

SELECT_PLACES = "SELECT chain_id, region_id, store_id FROM store_places WHERE store_id IN %(stores)s"


def read_scopes(transaction: Transaction, chain: str, stores: Sequence[str]) -> dict[str, Scope]:
    """The scopes of those of the stores that exist, by the store's id in its chain."""
    keys = tuple(store_key(chain, store) for store in stores)
    rows = transaction.rows(SELECT_PLACES, {"stores": keys}) if keys else []
    ids = [(split_key(row["store_id"])[1], row) for row in rows]
    return {store: Scope(row["chain_id"], row["region_id"], store) for store, row in ids}
