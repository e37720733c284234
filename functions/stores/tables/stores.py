"""SQL of the table `stores`: the present revision of a store."""

from collections.abc import Mapping

from functions.stores.tables.store_versions import insert_version
from shared.contracts.store_record import Store, store_of_row
from shared.spine.db import Transaction
from shared.spine.rights import Reach

LOCK_STORE = """
    SELECT id AS store_id, revision, changed_at, settings, opening_hours, menu, sold_out FROM stores
    WHERE id = %(store)s FOR UPDATE"""
INSERT_STORE = """
    INSERT INTO stores (id, chain_id, region_id, revision, changed_at, settings, opening_hours, menu, sold_out, menu_id,
        last_sequence)
    VALUES (%(store)s, %(chain)s, %(region)s, %(revision)s, %(changed_at)s, %(settings)s, %(opening_hours)s, %(menu)s,
        %(sold_out)s, %(chain_menu)s, 1)"""
UPDATE_STORE = """
    UPDATE stores SET chain_id = %(chain)s, region_id = %(region)s, revision = %(revision)s,
        changed_at = %(changed_at)s, settings = %(settings)s, opening_hours = %(opening_hours)s, menu = %(menu)s,
        sold_out = %(sold_out)s, menu_id = %(chain_menu)s, last_sequence = LAST_INSERT_ID(last_sequence + 1)
    WHERE id = %(store)s"""
# Without the menu, which can have 200 kB. `{where}` are conditions of this module and of a reach.
SELECT_STORES = """
    SELECT s.id AS store_id, s.revision, s.changed_at, s.settings, s.opening_hours, NULL AS menu, s.sold_out
    FROM stores s WHERE {where} ORDER BY s.id LIMIT %s"""
CONDITIONS = {
    "region": "s.region_id = %s",
    "city": "JSON_UNQUOTE(JSON_EXTRACT(s.settings, '$.city')) = %s",
    "cursor": "s.id > %s",
}
# Of the view that `orders` publishes.
SELECT_ANY_ORDER = "SELECT order_id FROM store_orders WHERE store_id = %(store)s LIMIT 1"


def lock_store(transaction: Transaction, key: str) -> Store | None:
    """The store at its present revision, locked until the end of the transaction. A menu of the chain is not read."""
    row = transaction.row(LOCK_STORE, {"store": key})
    return store_of_row(row) if row else None


def insert_store(transaction: Transaction, store: Store) -> None:
    """Store a new store. Its first message has number 1. Raises `Duplicate`."""
    transaction.execute(INSERT_STORE, _values(store))


def update_store(transaction: Transaction, before: Store, after: Store) -> int:
    """Store a new revision, and what it replaces of the revision before. The number of its message."""
    insert_version(transaction, before, after)
    transaction.execute(UPDATE_STORE, _values(after))
    return transaction.last_id()


def has_orders(transaction: Transaction, key: str) -> bool:
    """Whether the store ever took an order."""
    return transaction.row(SELECT_ANY_ORDER, {"store": key}) is not None


def read_stores(transaction: Transaction, reach: Reach, filters: Mapping[str, str | None], limit: int) -> list[Store]:
    """Stores by key, without their menus. `filters` are values of `CONDITIONS`; None is no filter."""
    allowed, scopes = reach.condition("s.chain_id", "s.region_id", "s.id")
    if not scopes:
        return []
    conditions = {name: value for name, value in filters.items() if value is not None}
    where = " AND ".join([allowed, *(CONDITIONS[name] for name in conditions)])
    rows = transaction.rows(SELECT_STORES.format(where=where), [*scopes, *conditions.values(), limit])
    return [store_of_row(row) for row in rows]


def _values(store: Store) -> dict[str, object]:
    settings, opening_hours, menu, sold_out = store.texts()
    return {
        "store": store.key,
        "chain": store.settings.chain,
        "region": store.settings.region,
        "revision": store.revision,
        "changed_at": store.changed_at,
        "settings": settings,
        "opening_hours": opening_hours,
        "menu": menu,
        "sold_out": sold_out,
        "chain_menu": store.settings.menu,
    }
