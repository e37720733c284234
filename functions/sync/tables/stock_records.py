"""SQL of `sync_stock_records`: wastage, counts, receipts and transfers that stores recorded."""

import json
from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal

from functions.sync.recipes.stock_record import CANCELLED, StockEntry, StockRecord
from shared.spine.db import Row, Transaction

COLUMNS = "id, chain_id, store_id, to_store, kind, day, reference, note, entries, state, photo, photo_hash, created_at"
INSERT_RECORD = f"""
    INSERT INTO sync_stock_records ({COLUMNS})
    VALUES (%(id)s, %(chain)s, %(store)s, %(to_store)s, %(kind)s, %(day)s, %(reference)s, %(note)s, %(entries)s,
        %(state)s, %(photo)s, %(photo_hash)s, %(created_at)s)"""  # noqa: S608 - of a constant
LOCK_RECORD = f"SELECT {COLUMNS} FROM sync_stock_records WHERE id = %(id)s FOR UPDATE"  # noqa: S608 - as above
SELECT_RECORDS = f"SELECT {COLUMNS} FROM sync_stock_records WHERE id IN %(ids)s ORDER BY id"  # noqa: S608 - as above
SELECT_PAGE = f"""
    SELECT {COLUMNS} FROM sync_stock_records
    WHERE store_id = %(store)s AND kind = %(kind)s AND id > %(after)s ORDER BY id LIMIT %(limit)s"""  # noqa: S608
SELECT_OF_DAY = f"""
    SELECT {COLUMNS} FROM sync_stock_records
    WHERE store_id = %(store)s AND day = %(day)s ORDER BY id"""  # noqa: S608 - as above
UPDATE_STATE = "UPDATE sync_stock_records SET state = %(state)s WHERE id = %(id)s"


def insert_record(transaction: Transaction, record: StockRecord) -> None:
    """Store a record. Raises `Duplicate`."""
    entries = json.dumps([vars(entry) for entry in record.entries], default=str)
    transaction.execute(INSERT_RECORD, dict(vars(record)) | {"entries": entries})


def lock_record(transaction: Transaction, record_id: str) -> StockRecord | None:
    """A record, locked."""
    row = transaction.row(LOCK_RECORD, {"id": record_id})
    return _record(row) if row else None


def read_records(transaction: Transaction, ids: Sequence[str]) -> list[StockRecord]:
    """The records of these ids."""
    return [_record(row) for row in transaction.rows(SELECT_RECORDS, {"ids": tuple(ids)})] if ids else []


def read_records_of_day(transaction: Transaction, store: str, day: date) -> list[StockRecord]:
    """The records of a store's business day."""
    return [_record(row) for row in transaction.rows(SELECT_OF_DAY, {"store": store, "day": day})]


def read_records_page(transaction: Transaction, store: str, kind: str, after: str, limit: int) -> list[StockRecord]:
    """Records of a store by id."""
    values = {"store": store, "kind": kind, "after": after, "limit": limit}
    return [_record(row) for row in transaction.rows(SELECT_PAGE, values)]


def update_cancelled(transaction: Transaction, record_id: str) -> None:
    """Take a record back."""
    transaction.execute(UPDATE_STATE, {"id": record_id, "state": CANCELLED})


def _record(row: Row) -> StockRecord:
    return StockRecord(
        id=row["id"],
        chain=row["chain_id"],
        store=row["store_id"],
        kind=row["kind"],
        day=row["day"],
        reference=row["reference"],
        entries=tuple(
            StockEntry(entry["item"], entry["name"], Decimal(entry["quantity"]), entry["unit"])
            for entry in json.loads(row["entries"])
        ),
        created_at=row["created_at"].replace(tzinfo=UTC),
        to_store=row["to_store"],
        note=row["note"],
        state=row["state"],
        photo=row["photo"],
        photo_hash=row["photo_hash"],
    )
