"""SQL of `menu_source_marks` and `menu_withdrawn_items`: what outside systems did to a chain's menu."""

from collections.abc import Iterable

from functions.stores.tables.chain_menus import ChainMenu
from shared.contracts.menu import Item
from shared.spine.db import Transaction

SELECT_MARK = """
    SELECT sequence FROM menu_source_marks
    WHERE chain_id = %(chain)s AND menu_id = %(menu)s AND source = %(source)s"""
UPSERT_MARK = """
    INSERT INTO menu_source_marks (chain_id, menu_id, source, sequence)
    VALUES (%(chain)s, %(menu)s, %(source)s, %(sequence)s)
    ON DUPLICATE KEY UPDATE sequence = VALUES(sequence)"""
SELECT_WITHDRAWN = "SELECT item_id, body FROM menu_withdrawn_items WHERE chain_id = %(chain)s AND menu_id = %(menu)s"
UPSERT_WITHDRAWN = """
    INSERT INTO menu_withdrawn_items (chain_id, menu_id, item_id, body) VALUES (%(chain)s, %(menu)s, %(item)s, %(body)s)
    ON DUPLICATE KEY UPDATE body = VALUES(body)"""


def is_newer(transaction: Transaction, menu: ChainMenu, source: str, sequence: int) -> bool:
    """Whether the menu has taken no message of the source with this number or a higher one. The menu is locked."""
    row = transaction.row(SELECT_MARK, {"chain": menu.chain, "menu": menu.id, "source": source})
    return row is None or row["sequence"] < sequence


def upsert_mark(transaction: Transaction, menu: ChainMenu, source: str, sequence: int) -> None:
    """The menu has taken this message of the source."""
    values = {"chain": menu.chain, "menu": menu.id, "source": source, "sequence": sequence}
    transaction.execute(UPSERT_MARK, values)


def read_withdrawn(transaction: Transaction, menu: ChainMenu) -> dict[str, Item]:
    """Items that were withdrawn from the menu, as they were, by id."""
    rows = transaction.rows(SELECT_WITHDRAWN, {"chain": menu.chain, "menu": menu.id})
    return {row["item_id"]: Item.model_validate_json(row["body"]) for row in rows}


def upsert_withdrawn(transaction: Transaction, menu: ChainMenu, items: Iterable[Item]) -> None:
    """Keep items that are withdrawn."""
    rows = [
        {
            "chain": menu.chain,
            "menu": menu.id,
            "item": item.id,
            "body": item.model_dump_json(exclude_defaults=True),
        }
        for item in items
    ]
    if rows:
        transaction.execute_many(UPSERT_WITHDRAWN, rows)
