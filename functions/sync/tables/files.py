"""SQL of the table `sync_files`: CSV files in object storage, and what became of their rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.sync.states import FileState
from shared.spine.db import Row, Transaction

COLUMNS = "system_key, id, flow, name, size, state, reason, records, faults, created_at, ended_at"
SELECT_FILE = f"SELECT {COLUMNS} FROM sync_files WHERE system_key = %(system)s AND id = %(id)s"  # noqa: S608
LOCK_FILE = f"{SELECT_FILE} FOR UPDATE"
# The newest first.
SELECT_PAGE_OF_FILES = f"""
    SELECT {COLUMNS} FROM sync_files WHERE system_key = %(system)s AND id < %(before)s
    ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
INSERT_FILE = """
    INSERT INTO sync_files (system_key, id, flow, name, size, state, created_at)
    VALUES (%(system)s, %(id)s, %(flow)s, %(name)s, %(size)s, 'open', %(created_at)s)"""
UPDATE_FILE = """
    UPDATE sync_files
    SET state = %(state)s, reason = %(reason)s, records = %(records)s, faults = %(faults)s, ended_at = %(ended_at)s
    WHERE system_key = %(system)s AND id = %(id)s"""
MOST_FAULTS = 1_000
# Sorts after every ULID.
NEWEST = "~"


@dataclass(frozen=True)
class FileRow:
    """A file. `records` were taken so far. Each fault has a `row`, a `column` and a `detail`."""

    system: str
    id: str
    flow: str
    name: str
    size: int
    state: FileState
    created_at: datetime
    reason: str | None = None
    records: int = 0
    faults: tuple[dict[str, Any], ...] = ()
    ended_at: datetime | None = None


def read_file(transaction: Transaction, system: str, file_id: str) -> FileRow | None:
    """One file."""
    row = transaction.row(SELECT_FILE, {"system": system, "id": file_id})
    return _file(row) if row else None


def lock_file(transaction: Transaction, system: str, file_id: str) -> FileRow | None:
    """One file, locked until the end of the transaction."""
    row = transaction.row(LOCK_FILE, {"system": system, "id": file_id})
    return _file(row) if row else None


def read_files_page(transaction: Transaction, system: str, before: str, limit: int) -> list[FileRow]:
    """Files, the newest first."""
    values = {"system": system, "before": before or NEWEST, "limit": limit}
    return [_file(row) for row in transaction.rows(SELECT_PAGE_OF_FILES, values)]


def insert_file(transaction: Transaction, file: FileRow) -> None:
    """Store a file that will be uploaded."""
    transaction.execute(INSERT_FILE, vars(file) | {"faults": None})


def update_file(transaction: Transaction, file: FileRow) -> None:
    """Store what became of a file. The first `MOST_FAULTS` faults are kept."""
    transaction.execute(UPDATE_FILE, vars(file) | {"faults": _text(file.faults[:MOST_FAULTS])})


def _text(faults: Sequence[dict[str, Any]]) -> str | None:
    return json.dumps(faults, ensure_ascii=False) if faults else None


def _file(row: Row) -> FileRow:
    return FileRow(
        system=row["system_key"],
        id=row["id"],
        flow=row["flow"],
        name=row["name"],
        size=row["size"],
        state=FileState(row["state"]),
        created_at=row["created_at"].replace(tzinfo=UTC),
        reason=row["reason"],
        records=row["records"],
        faults=tuple(json.loads(row["faults"] or "[]")),
        ended_at=row["ended_at"] and row["ended_at"].replace(tzinfo=UTC),
    )
