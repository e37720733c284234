"""SQL of the tables `stock` and `stock_revisions`: counted items of a store, and the revision of their list."""

import json
from collections.abc import Mapping
from datetime import datetime

from shared.spine.db import Row, Transaction

SELECT_STOCK = """
    SELECT item_id, left_count, counted_at FROM stock WHERE store_id = %(store)s ORDER BY item_id LIMIT 1000"""
COUNT_STOCK = "SELECT COUNT(*) AS items FROM stock WHERE store_id = %(store)s"
# It locks the store's row, so that changes of one store's stock come one after the other.
BUMP_REVISION = """
    INSERT INTO stock_revisions (store_id, revision) VALUES (%(store)s, 1)
    ON DUPLICATE KEY UPDATE revision = revision + 1"""
UPSERT_COUNT = """
    INSERT INTO stock (store_id, item_id, left_count, counted_at) VALUES (%(store)s, %(item)s, %(left)s, %(now)s)
    ON DUPLICATE KEY UPDATE left_count = %(left)s, counted_at = %(now)s"""
DELETE_COUNT = "DELETE FROM stock WHERE store_id = %(store)s AND item_id = %(item)s"
ADD_TO_COUNT = "UPDATE stock SET left_count = left_count + %(more)s WHERE store_id = %(store)s AND item_id = %(item)s"
# Quantities by item are one JSON object, so that one statement takes any number of items.
QUANTITY = """CAST(JSON_EXTRACT(%(quantities)s, CONCAT('$."', item_id, '"')) AS SIGNED)"""
TAKE_WHAT_IS_LEFT = f"""
    UPDATE stock SET left_count = left_count - {QUANTITY}
    WHERE store_id = %(store)s AND item_id IN %(items)s AND left_count >= {QUANTITY}"""  # noqa: S608 - of a constant
# A count that was made after the sale does not contain its pieces.
TAKE_OF_SALE = f"""
    UPDATE stock SET left_count = left_count - {QUANTITY}
    WHERE store_id = %(store)s AND item_id IN %(items)s AND counted_at <= %(taken_at)s"""  # noqa: S608 - of a constant
GIVE_BACK = f"""
    UPDATE stock SET left_count = left_count + {QUANTITY}
    WHERE store_id = %(store)s AND item_id IN %(items)s AND counted_at <= %(taken_at)s"""  # noqa: S608 - of a constant
SELECT_LEFT = """
    SELECT item_id, left_count FROM stock WHERE store_id = %(store)s AND item_id IN %(items)s"""

LOCK_LEFT = f"{SELECT_LEFT} ORDER BY item_id FOR UPDATE"


def read_stock(transaction: Transaction, store: str) -> list[Row]:
    """The counted items of a store: `item_id`, `left_count`, `counted_at`."""
    return transaction.rows(SELECT_STOCK, {"store": store})


def lock_stock(transaction: Transaction, store: str) -> int:
    """Count up the revision of the store's list, which locks it. The number of counted items."""
    transaction.execute(BUMP_REVISION, {"store": store})
    row = transaction.row(COUNT_STOCK, {"store": store})
    return int(row["items"]) if row else 0


def upsert_count(transaction: Transaction, store: str, item: str, left: int, now: datetime) -> None:
    """Count an item, from `left` on."""
    transaction.execute(UPSERT_COUNT, {"store": store, "item": item, "left": left, "now": now})


def delete_count(transaction: Transaction, store: str, item: str) -> None:
    """Count an item no longer."""
    transaction.execute(DELETE_COUNT, {"store": store, "item": item})


def update_count(transaction: Transaction, store: str, item: str, more: int) -> bool:
    """Add pieces to a counted item. Whether the item is counted."""
    return transaction.execute(ADD_TO_COUNT, {"store": store, "item": item, "more": more}) > 0


def take_left(transaction: Transaction, store: str, quantities: Mapping[str, int]) -> int:
    """Take pieces of each item of which enough are left. The number of these items."""
    return transaction.execute(TAKE_WHAT_IS_LEFT, _values(store, quantities)) if quantities else 0


def take_sold(transaction: Transaction, store: str, quantities: Mapping[str, int], taken_at: datetime) -> None:
    """Take pieces that were sold at `taken_at`. A count may fall below zero."""
    if quantities:
        transaction.execute(TAKE_OF_SALE, _values(store, quantities) | {"taken_at": taken_at})


def give_back(transaction: Transaction, store: str, quantities: Mapping[str, int], taken_at: datetime) -> None:
    """Give back pieces that were taken at `taken_at`, unless the item was counted again since."""
    if quantities:
        transaction.execute(GIVE_BACK, _values(store, quantities) | {"taken_at": taken_at})


def read_left(transaction: Transaction, store: str, items: list[str]) -> dict[str, int]:
    """The pieces that are left, by counted item."""
    rows = transaction.rows(SELECT_LEFT, {"store": store, "items": items}) if items else []
    return {row["item_id"]: row["left_count"] for row in rows}


def lock_left(transaction: Transaction, store: str, items: list[str]) -> dict[str, int]:
    """The same, locked until the end of the transaction."""
    rows = transaction.rows(LOCK_LEFT, {"store": store, "items": items}) if items else []
    return {row["item_id"]: row["left_count"] for row in rows}


def _values(store: str, quantities: Mapping[str, int]) -> dict[str, object]:
    return {"store": store, "items": list(quantities), "quantities": json.dumps(quantities)}
