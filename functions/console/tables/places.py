"""SQL of the view `store_places`, which `stores` publishes."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.spine.db import Transaction

SELECT_PLACES = """
    SELECT store_id, region_id, store, name, city, timezone, day_ends_at, currency FROM store_places
    WHERE chain_id = %(chain)s ORDER BY store_id"""
SELECT_ZONES = "SELECT store_id, timezone FROM store_places WHERE store_id IN %(stores)s"


@dataclass(frozen=True)
class Place:
    """A store: its key, where it stands, and its clock. `day_ends_at` is a time of day, as in `04:00`."""

    store_id: str
    region_id: str
    store: str
    name: str
    city: str | None
    timezone: str
    day_ends_at: str | None
    currency: str


def read_places(transaction: Transaction, chain: str) -> list[Place]:
    """The stores of a chain by key."""
    return [Place(**row) for row in transaction.rows(SELECT_PLACES, {"chain": chain})]


def read_zones(transaction: Transaction, stores: Collection[str]) -> dict[str, str]:
    """The time zone of each store, by the store's key."""
    rows = transaction.rows(SELECT_ZONES, {"stores": tuple(stores)}) if stores else []
    return {row["store_id"]: row["timezone"] for row in rows}
