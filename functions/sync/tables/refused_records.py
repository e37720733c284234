"""SQL of the table `sync_refused_records`: records of outside systems that cannot be read, until they are mended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.contracts.text import cleaned
from shared.spine.db import Row, Transaction

LONGEST_KEY = 260
UPSERT_REFUSED = """
    INSERT INTO sync_refused_records (system_key, flow, record_key, detail, refused_at)
    VALUES (%(system)s, %(flow)s, %(key)s, %(detail)s, %(now)s)
    ON DUPLICATE KEY UPDATE detail = VALUES(detail), refused_at = VALUES(refused_at)"""
DELETE_REFUSED = """
    DELETE FROM sync_refused_records
    WHERE system_key = %(system)s AND flow = %(flow)s AND record_key IN %(keys)s"""
SELECT_HAS_REFUSED = """
    SELECT 1 AS found FROM sync_refused_records WHERE system_key = %(system)s AND flow = %(flow)s LIMIT 1"""
SELECT_PAGE_OF_REFUSED = """
    SELECT flow, record_key, detail, refused_at FROM sync_refused_records
    WHERE system_key = %(system)s AND flow = %(flow)s AND record_key > %(after)s
    ORDER BY record_key LIMIT %(limit)s"""
SELECT_REFUSED_COUNTS = """
    SELECT flow, COUNT(*) AS documents, MIN(refused_at) AS oldest FROM sync_refused_records
    WHERE system_key = %(system)s GROUP BY flow ORDER BY flow"""


@dataclass(frozen=True)
class RefusedRow:
    """A record by its key in the outside system, and why it cannot be read."""

    key: str
    detail: str
    refused_at: datetime


def upsert_refused(transaction: Transaction, system: str, flow: str, details: Mapping[str, str], now: datetime) -> None:
    """Store why records, by key, cannot be read."""
    if details:
        values = {"system": system, "flow": flow, "now": now}
        rows = [values | {"key": cleaned(key)[:LONGEST_KEY], "detail": detail[:500]} for key, detail in details.items()]
        transaction.execute_many(UPSERT_REFUSED, rows)


def delete_refused(transaction: Transaction, system: str, flow: str, keys: Collection[str]) -> None:
    """These records were read."""
    values = {"system": system, "flow": flow}
    if keys and transaction.row(SELECT_HAS_REFUSED, values):
        transaction.execute(DELETE_REFUSED, values | {"keys": tuple(key[:LONGEST_KEY] for key in keys)})


def read_refused_page(transaction: Transaction, system: str, flow: str, after: str, limit: int) -> list[RefusedRow]:
    """Records by key."""
    values = {"system": system, "flow": flow, "after": after, "limit": limit}
    rows = transaction.rows(SELECT_PAGE_OF_REFUSED, values)
    return [RefusedRow(row["record_key"], row["detail"], row["refused_at"].replace(tzinfo=UTC)) for row in rows]


def read_refused_counts(transaction: Transaction, system: str) -> list[Row]:
    """How many records each flow cannot read, and since when."""
    return transaction.rows(SELECT_REFUSED_COUNTS, {"system": system})
