"""SQL of `sync_items`, `sync_levels` and `sync_marks`: items and stock as outside systems have them."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from functions.sync.adapters.contract import StockLevel
from functions.sync.states import Cause
from shared.spine.db import Row, Transaction

SELECT_DIGESTS = """
    SELECT target_code, digest FROM sync_items WHERE system_key = %(system)s AND target_code IN %(codes)s"""
UPSERT_ITEMS = """
    INSERT INTO sync_items (system_key, target_code, digest, document, changed_at)
    VALUES (%(system)s, %(code)s, %(digest)s, %(document)s, %(now)s)
    ON DUPLICATE KEY UPDATE digest = VALUES(digest), document = VALUES(document), changed_at = VALUES(changed_at)"""
SELECT_ITEMS = """
    SELECT target_code, digest, document, cause, reason, detail, withdrawn FROM sync_items
    WHERE system_key = %(system)s AND target_code > %(after)s AND (%(cause)s IS NULL OR cause = %(cause)s)
    ORDER BY target_code LIMIT %(limit)s"""
SELECT_ITEM_COUNTS = """
    SELECT cause, reason, COUNT(*) AS documents, MIN(changed_at) AS oldest FROM sync_items
    WHERE system_key = %(system)s AND cause IS NOT NULL GROUP BY cause, reason ORDER BY cause, reason"""
UPDATE_OUTCOME = """
    UPDATE sync_items SET cause = %(cause)s, reason = %(reason)s, detail = %(detail)s, withdrawn = %(withdrawn)s
    WHERE system_key = %(system)s AND target_code = %(code)s"""
SELECT_LEVELS_OF_STORES = """
    SELECT target_store, target_item, unit, quantity FROM sync_levels
    WHERE system_key = %(system)s AND target_store IN %(stores)s ORDER BY target_store, target_item"""
UPSERT_LEVELS = """
    INSERT INTO sync_levels (system_key, target_store, target_item, unit, quantity, changed_at)
    VALUES (%(system)s, %(store)s, %(item)s, %(unit)s, %(quantity)s, %(changed_at)s)
    ON DUPLICATE KEY UPDATE unit = VALUES(unit), quantity = VALUES(quantity), changed_at = VALUES(changed_at)"""
UPSERT_DUE = """
    INSERT INTO sync_marks (system_key, store_id, entries, due_at) VALUES (%(system)s, %(store)s, '[]', %(due_at)s)
    ON DUPLICATE KEY UPDATE due_at = LEAST(due_at, VALUES(due_at))"""
SELECT_DUE = """
    SELECT store_id, entries FROM sync_marks WHERE system_key = %(system)s AND due_at <= %(now)s
    ORDER BY due_at, store_id LIMIT 1 FOR UPDATE"""
UPDATE_MARKS = """
    UPDATE sync_marks SET entries = %(entries)s, due_at = %(due_at)s
    WHERE system_key = %(system)s AND store_id = %(store)s"""


@dataclass(frozen=True)
class ItemRow:
    """An item of a system, as JSON. `cause` and `reason`: it is not on the menu as the system has it.

    `withdrawn`: it was taken off the menu, because the system withdrew it.
    """

    code: str
    digest: bytes
    document: str
    cause: Cause | None = None
    reason: str | None = None
    detail: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class StockRow:
    """The stock of an item in a store, in a unit of the system."""

    quantity: Decimal
    unit: str | None


def read_digests(transaction: Transaction, system: str, codes: Collection[str]) -> dict[str, bytes]:
    """The digests of the items that are stored, by code."""
    if not codes:
        return {}
    rows = transaction.rows(SELECT_DIGESTS, {"system": system, "codes": tuple(codes)})
    return {row["target_code"]: bytes(row["digest"]) for row in rows}


def upsert_items(transaction: Transaction, system: str, rows: Iterable[ItemRow], now: datetime) -> None:
    """Store items."""
    values = [
        {"system": system, "code": row.code, "digest": row.digest, "document": row.document, "now": now} for row in rows
    ]
    if values:
        transaction.execute_many(UPSERT_ITEMS, values)


def read_items_page(
    transaction: Transaction, system: str, after: str, limit: int, cause: str | None = None
) -> list[ItemRow]:
    """Items by code."""
    values = {"system": system, "after": after, "limit": limit, "cause": cause}
    return [
        ItemRow(
            row["target_code"],
            bytes(row["digest"]),
            row["document"],
            Cause(row["cause"]) if row["cause"] else None,
            row["reason"],
            row["detail"],
            bool(row["withdrawn"]),
        )
        for row in transaction.rows(SELECT_ITEMS, values)
    ]


def read_item_counts(transaction: Transaction, system: str) -> list[Row]:
    """Items that are not on the menu as the system has them, by cause and reason, with the oldest."""
    return transaction.rows(SELECT_ITEM_COUNTS, {"system": system})


def update_item_outcomes(transaction: Transaction, system: str, rows: Iterable[ItemRow]) -> None:
    """Store why items are not on the menu, and whether they were taken off it."""
    for row in rows:
        values = {"system": system, "code": row.code, "cause": row.cause, "reason": row.reason}
        transaction.execute(UPDATE_OUTCOME, values | {"detail": row.detail, "withdrawn": row.withdrawn})


def read_levels(transaction: Transaction, system: str, stores: Collection[str]) -> dict[tuple[str, str], StockRow]:
    """Levels by (store, item) of these stores, in the codes of the system."""
    if not stores:
        return {}
    rows = transaction.rows(SELECT_LEVELS_OF_STORES, {"system": system, "stores": tuple(stores)})
    return {(row["target_store"], row["target_item"]): StockRow(Decimal(row["quantity"]), row["unit"]) for row in rows}


def upsert_levels(transaction: Transaction, system: str, levels: Sequence[StockLevel]) -> None:
    """Store levels."""
    if levels:
        transaction.execute_many(UPSERT_LEVELS, [dict(vars(level)) | {"system": system} for level in levels])


def upsert_due_stores(transaction: Transaction, system: str, stores: Iterable[str], due_at: datetime) -> None:
    """Look at these stores (by key) from `due_at` on."""
    rows = [{"system": system, "store": store, "due_at": due_at} for store in sorted(stores)]
    if rows:
        transaction.execute_many(UPSERT_DUE, rows)


def lock_due_store(transaction: Transaction, system: str, now: datetime) -> tuple[str, frozenset[str]] | None:
    """The store that is due for the longest time, with the marks that were asked for. It is locked."""
    row = transaction.row(SELECT_DUE, {"system": system, "now": now})
    return (row["store_id"], frozenset(json.loads(row["entries"]))) if row else None


def update_marks(transaction: Transaction, system: str, store: str, entries: Iterable[str], due_at: datetime) -> None:
    """The store was looked at."""
    values = {"system": system, "store": store, "entries": json.dumps(sorted(entries)), "due_at": due_at}
    transaction.execute(UPDATE_MARKS, values)
