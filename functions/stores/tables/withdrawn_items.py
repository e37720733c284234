"""SQL of the table `store_withdrawn_items`: items that outside systems took off the own menu of a store."""

from collections.abc import Iterable

from shared.contracts.menu import Item
from shared.spine.db import Transaction

SELECT_WITHDRAWN = "SELECT item_id, body FROM store_withdrawn_items WHERE store_id = %(store)s"
UPSERT_WITHDRAWN = """
    INSERT INTO store_withdrawn_items (store_id, item_id, body) VALUES (%(store)s, %(item)s, %(body)s)
    ON DUPLICATE KEY UPDATE body = VALUES(body)"""
DELETE_WITHDRAWN = "DELETE FROM store_withdrawn_items WHERE store_id = %(store)s AND item_id IN %(items)s"


def read_withdrawn(transaction: Transaction, store: str) -> dict[str, Item]:
    """The items as they were, by id."""
    rows = transaction.rows(SELECT_WITHDRAWN, {"store": store})
    return {row["item_id"]: Item.model_validate_json(row["body"]) for row in rows}


def upsert_withdrawn(transaction: Transaction, store: str, items: Iterable[Item]) -> None:
    """Keep items that are withdrawn."""
    rows = [{"store": store, "item": item.id, "body": item.model_dump_json(exclude_defaults=True)} for item in items]
    if rows:
        transaction.execute_many(UPSERT_WITHDRAWN, rows)


def delete_withdrawn(transaction: Transaction, store: str, items: Iterable[str]) -> None:
    """Forget items that are on the menu again."""
    ids = tuple(items)
    if ids:
        transaction.execute(DELETE_WITHDRAWN, {"store": store, "items": ids})
