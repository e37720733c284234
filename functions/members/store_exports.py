"""All SQL of files of whole segments."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from functions.members.store import plain
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
LEASE = "UPDATE segment_exports SET leased_until = %s WHERE id = %s"
# Who was away for longer than its lease changes nothing.
BEGIN = """
    UPDATE segment_exports SET status = 'writing', begun = begun + 1, upload = %s, parts = '[]', last_number = -1,
        members = 0, bytes = 0, leased_until = %s
    WHERE id = %s AND leased_until = %s"""
ADVANCE = """
    UPDATE segment_exports SET status = %s, parts = %s, last_number = %s, members = members + %s, bytes = bytes + %s,
        leased_until = %s
    WHERE id = %s AND leased_until = %s"""
AGAIN = "UPDATE segment_exports SET status = 'waiting' WHERE id = %s AND leased_until = %s"
END = "UPDATE segment_exports SET status = %s, bytes = %s, ended_at = %s WHERE id = %s AND leased_until = %s"


@dataclass(frozen=True)
class Export:
    """A file of a segment: waiting, being written (`members` and `bytes` so far), closing, ended or failed."""

    id: str
    chain: str
    where: str
    format: str
    status: str
    leased_until: datetime
    begun: int
    upload: str
    parts: list[str]
    last_number: int
    members: int
    bytes: int
    ended_at: datetime | None


class Part(NamedTuple):
    """Rows of a file: up to which member, how many of them, as text of so many bytes, and whether they are the last."""

    last_number: int
    members: int
    text: str
    bytes: int
    over: bool


def insert(transaction: Transaction, export: str, chain: str, where: str, kind: str, now: datetime) -> None:
    """One that waits."""
    transaction.execute(INSERT_EXPORT, (export, chain, where, kind, plain(now)))


def read(transaction: Transaction, export: str) -> Export | None:
    """One by its id."""
    row = transaction.row(SELECT_EXPORT, (export,))
    return _export(row) if row else None


def lease(transaction: Transaction, now: datetime, held_for: timedelta) -> Export | None:
    """The one that nobody has worked on for longest; nobody else takes it meanwhile."""
    row = transaction.row(LOCK_NEXT, (plain(now),))
    if row is None:
        return None
    until = plain(now + held_for)
    transaction.execute(LEASE, (until, row["id"]))
    return _export(row | {"leased_until": until})


def begin(transaction: Transaction, export: Export, upload: str, now: datetime) -> None:
    """From its first member on."""
    transaction.execute(BEGIN, (upload, plain(now), export.id, export.leased_until))


def advance(transaction: Transaction, export: Export, part: Part, tag: str, now: datetime) -> None:
    """Another part is kept; the last one is for closing."""
    status, parts = "closing" if part.over else "writing", json.dumps([*export.parts, tag])
    values = (status, parts, part.last_number, part.members, part.bytes, plain(now))
    transaction.execute(ADVANCE, (*values, export.id, export.leased_until))


def again(transaction: Transaction, export: Export) -> None:
    """It is to be begun anew, when its lease is over."""
    transaction.execute(AGAIN, (export.id, export.leased_until))


def end(transaction: Transaction, export: Export, status: str, size: int, now: datetime) -> None:
    """It is there, or never will be."""
    transaction.execute(END, (status, size, plain(now), export.id, export.leased_until))


def _export(row: Row) -> Export:
    about = (row["id"], row["chain_id"], row["expression"], row["format"], row["status"], row["leased_until"])
    far = (row["begun"], row["upload"], json.loads(row["parts"]), row["last_number"], row["members"], row["bytes"])
    return Export(*about, *far, row["ended_at"])
