"""All SQL of backfill runs, and of the versions of tags that members have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.members.store import plain
from shared.spine.db import Row, Transaction

INSERT_RUN = """
    INSERT INTO tag_backfills (id, chain_id, tags, status, starts_at, last_member, visited, changed)
    VALUES (%s, %s, %s, 'running', %s, '', 0, 0)"""
_RUN = "SELECT id, chain_id, tags, status, starts_at, last_member, visited, changed, ended_at FROM tag_backfills"
SELECT_NEXT = """
    SELECT id FROM tag_backfills WHERE status = 'running' AND starts_at <= %s AND id NOT IN %s
    ORDER BY starts_at, id LIMIT 1"""
LOCK_RUN = f"{_RUN} WHERE id = %s FOR UPDATE"
SELECT_RUNS = f"{_RUN} WHERE chain_id = %s ORDER BY id DESC LIMIT 100"
ADVANCE = """
    UPDATE tag_backfills SET last_member = %s, visited = visited + %s, changed = changed + %s, ended_at = %s,
        status = IF(ended_at IS NULL, status, 'ended')
    WHERE id = %s"""
REPLACE_WAITING = """
    UPDATE tag_backfills SET status = 'replaced', ended_at = %s
    WHERE status = 'running' AND starts_at > %s AND chain_id = %s AND tags = %s"""
SET_STATUS = "UPDATE tag_backfills SET status = %s WHERE id = %s"
SELECT_CHAINS = "SELECT chain_id FROM member_numbers"
SELECT_VERSIONS = "SELECT chain_id, tag, version FROM tag_versions"
LOCK_VERSIONS = "SELECT tag, version FROM tag_versions WHERE chain_id = %s FOR UPDATE"
UPSERT_VERSIONS = """
    INSERT INTO tag_versions (chain_id, tag, version) VALUES (%s, %s, %s)
    ON DUPLICATE KEY UPDATE version = VALUES(version)"""


@dataclass(frozen=True)
class Run:
    """A backfill: `visited` members so far in the order of their ids, of whom `changed` tags were written."""

    id: str
    chain: str
    tags: Sequence[str]
    status: str
    starts_at: datetime
    last_member: str
    visited: int
    changed: int
    ended_at: datetime | None


def insert(transaction: Transaction, run: str, chain: str, tags: Sequence[str], starts_at: datetime) -> None:
    """A run that runs from then on."""
    transaction.execute(INSERT_RUN, (run, chain, " ".join(tags), plain(starts_at)))


def replace_waiting(transaction: Transaction, chain: str, tags: Sequence[str], now: datetime) -> None:
    """Those of the same tags that have not begun are over: another one will do their work."""
    transaction.execute(REPLACE_WAITING, (plain(now), plain(now), chain, " ".join(tags)))


def read_next(transaction: Transaction, now: datetime, but: Iterable[str]) -> str | None:
    """The oldest that is due, and none of `but`."""
    row = transaction.row(SELECT_NEXT, (plain(now), ("", *but)))
    return row["id"] if row else None


def lock(transaction: Transaction, run: str) -> Run | None:
    """One by its id."""
    row = transaction.row(LOCK_RUN, (run,))
    return _run(row) if row else None


def newest(transaction: Transaction, chain: str) -> list[Run]:
    """The last hundred of a chain, newest first."""
    return [_run(row) for row in transaction.rows(SELECT_RUNS, (chain,))]


def advance(
    transaction: Transaction, run: str, last_member: str, visited: int, changed: int, ended_at: datetime | None
) -> None:
    """Count a step; with `ended_at` it was the last."""
    transaction.execute(ADVANCE, (last_member, visited, changed, plain(ended_at) if ended_at else None, run))


def set_status(transaction: Transaction, run: str, status: str) -> None:
    """Of a run that is locked."""
    transaction.execute(SET_STATUS, (status, run))


def chains(transaction: Transaction) -> list[str]:
    """All that have members."""
    return [row["chain_id"] for row in transaction.rows(SELECT_CHAINS)]


def read_versions(transaction: Transaction) -> dict[str, dict[str, int]]:
    """Of tags, by chain that has members."""
    rows = transaction.rows(SELECT_VERSIONS)
    return {
        chain: {row["tag"]: row["version"] for row in rows if row["chain_id"] == chain} for chain in chains(transaction)
    }


def lock_versions(transaction: Transaction, chain: str) -> dict[str, int]:
    """Of a chain's tags."""
    return {row["tag"]: row["version"] for row in transaction.rows(LOCK_VERSIONS, (chain,))}


def keep_versions(transaction: Transaction, chain: str, versions: Mapping[str, int]) -> None:
    """What a run that has been started will see to."""
    transaction.execute_many(UPSERT_VERSIONS, [(chain, tag, version) for tag, version in versions.items()])


def _run(row: Row) -> Run:
    about = (row["id"], row["chain_id"], row["tags"].split(), row["status"], row["starts_at"])
    return Run(*about, row["last_member"], row["visited"], row["changed"], row["ended_at"])
