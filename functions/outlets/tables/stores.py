"""SQL of the views of `stores`: where a store stands, its name and its clock."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.contracts.store_settings import StoreSettings
from shared.spine.db import Transaction
from shared.spine.rights import Reach, Scope

SELECT_STORES = "SELECT store_id, chain_id, region_id, settings FROM store_records WHERE store_id IN %(stores)s"
SELECT_OF_REGIONS = """
    SELECT store_id FROM store_records WHERE chain_id = %(chain)s AND region_id IN %(regions)s ORDER BY store_id"""

SELECT_REACHED = "SELECT store_id FROM store_records WHERE {condition} ORDER BY store_id LIMIT 20000"


@dataclass(frozen=True)
class Store:
    """A store: its key, its scope and its settings."""

    key: str
    scope: Scope
    settings: StoreSettings


def read_stores(transaction: Transaction, stores: Collection[str]) -> dict[str, Store]:
    """These stores by key."""
    rows = transaction.rows(SELECT_STORES, {"stores": tuple(stores)}) if stores else []
    return {
        row["store_id"]: Store(
            row["store_id"],
            Scope(row["chain_id"], row["region_id"], row["store_id"].partition(":")[2]),
            StoreSettings.model_validate_json(row["settings"]),
        )
        for row in rows
    }


def read_stores_of_regions(transaction: Transaction, chain: str, regions: Collection[str]) -> set[str]:
    """The keys of the stores of these regions."""
    values = {"chain": chain, "regions": tuple(regions)}
    return {row["store_id"] for row in transaction.rows(SELECT_OF_REGIONS, values)} if regions else set()


def read_reached(transaction: Transaction, reach: Reach) -> list[str]:
    """Keys of the stores within a right's reach, at most 20,000: more than a chain has."""
    condition, values = reach.condition("chain_id", "region_id", "store_id")
    return [row["store_id"] for row in transaction.rows(SELECT_REACHED.format(condition=condition), values)]
