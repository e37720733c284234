"""The SQL of segment exports."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from functions.members.states import ExportStatus
from functions.members.tables.columns import aware, column_time
from shared.spine.db import Row, Transaction

INSERT_EXPORT = """
    INSERT INTO segment_exports
        (id, chain_id, expression, format, status, leased_until, begun, upload, parts, last_number, members, bytes)
    VALUES (%s, %s, %s, %s, 'waiting', %s, 0, '', '[]', -1, 0, 0)"""
_EXPORT = """
    SELECT id, chain_id, expression, format, status, leased_until, begun, upload, parts, last_number, members, bytes,
        ended_at
    FROM segment_exports"""
SELECT_EXPORT = f"{_EXPORT} WHERE id = %s"
LOCK_NEXT = f"""{_EXPORT} WHERE status IN ('waiting', 'writing', 'closing') AND leased_until <= %s
    ORDER BY leased_until, id LIMIT 1 FOR UPDATE"""
UPDATE_LEASE = "UPDATE segment_exports SET leased_until = %s WHERE id = %s"
# A worker whose lease has ended changes no row.
UPDATE_BEGUN = """
    UPDATE segment_exports SET status = 'writing', begun = begun + 1, upload = %s, parts = '[]', last_number = -1,
        members = 0, bytes = 0, leased_until = %s
    WHERE id = %s AND leased_until = %s"""
UPDATE_PROGRESS = """
    UPDATE segment_exports SET status = %s, parts = %s, last_number = %s, members = members + %s, bytes = bytes + %s,
        leased_until = %s
    WHERE id = %s AND leased_until = %s"""
UPDATE_WAITING = "UPDATE segment_exports SET status = 'waiting' WHERE id = %s AND leased_until = %s"
UPDATE_ENDED = "UPDATE segment_exports SET status = %s, bytes = %s, ended_at = %s WHERE id = %s AND leased_until = %s"


@dataclass(frozen=True)
class Export:
    """An export. `members` and `bytes` count what was written; `parts` are the tags of the uploaded chunks."""

    id: str
    chain: str
    where: str
    format: str
    status: ExportStatus
    leased_until: datetime
    begun: int
    upload: str
    parts: list[str]
    last_number: int
    members: int
    bytes: int
    ended_at: datetime | None


class ExportChunk(NamedTuple):
    """Rows of an export as text. `last_number` is the last member's number; `final` says that no member follows."""

    last_number: int
    members: int
    text: str
    bytes: int
    final: bool


def insert_export(
    transaction: Transaction, export_id: str, chain: str, where: str, file_format: str, now: datetime
) -> None:
    """Insert an export that waits."""
    transaction.execute(INSERT_EXPORT, (export_id, chain, where, file_format, column_time(now)))


def read_export(transaction: Transaction, export_id: str) -> Export | None:
    """The export, not locked."""
    row = transaction.row(SELECT_EXPORT, (export_id,))
    return _export(row) if row else None


def lease_next_export(transaction: Transaction, now: datetime, lease: timedelta) -> Export | None:
    """The export whose last step is oldest. No other worker gets it until the lease ends."""
    row = transaction.row(LOCK_NEXT, (column_time(now),))
    if row is None:
        return None
    leased_until = column_time(now + lease)
    transaction.execute(UPDATE_LEASE, (leased_until, row["id"]))
    return _export(row | {"leased_until": leased_until})


def update_begun(transaction: Transaction, export: Export, upload: str, now: datetime) -> None:
    """Begin the export at its first member, with this upload."""
    transaction.execute(UPDATE_BEGUN, (upload, column_time(now), *_lease(export)))


def update_progress(
    transaction: Transaction, export: Export, status: ExportStatus, chunk: ExportChunk, tag: str, now: datetime
) -> None:
    """Store that a chunk was written under this tag."""
    parts = json.dumps([*export.parts, tag])
    values = (status.value, parts, chunk.last_number, chunk.members, chunk.bytes, column_time(now))
    transaction.execute(UPDATE_PROGRESS, (*values, *_lease(export)))


def update_waiting(transaction: Transaction, export: Export) -> None:
    """Let the export begin again when its lease ends."""
    transaction.execute(UPDATE_WAITING, _lease(export))


def update_ended(transaction: Transaction, export: Export, status: ExportStatus, size: int, now: datetime) -> None:
    """End the export with its size in bytes."""
    transaction.execute(UPDATE_ENDED, (status.value, size, column_time(now), *_lease(export)))


def _lease(export: Export) -> tuple[str, datetime]:
    return export.id, column_time(export.leased_until)


def _export(row: Row) -> Export:
    return Export(
        id=row["id"],
        chain=row["chain_id"],
        where=row["expression"],
        format=row["format"],
        status=ExportStatus(row["status"]),
        leased_until=aware(row["leased_until"]),
        begun=row["begun"],
        upload=row["upload"],
        parts=json.loads(row["parts"]),
        last_number=row["last_number"],
        members=row["members"],
        bytes=row["bytes"],
        ended_at=aware(row["ended_at"]) if row["ended_at"] else None,
    )
