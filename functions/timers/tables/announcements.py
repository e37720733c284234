"""SQL of the table `announcements`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.spine.db import Row, Transaction

INSERT_ANNOUNCEMENT = """
    INSERT INTO announcements (id, chain_id, job_id, stores, text, begins_at, ends_at)
    VALUES (%(id)s, %(chain)s, %(job)s, %(stores)s, %(text)s, %(begins_at)s, %(ends_at)s)"""
SELECT_CURRENT = """
    SELECT id, chain_id AS chain, job_id AS job, stores, text, begins_at, ends_at FROM announcements
    WHERE chain_id = %(chain)s AND ends_at > %(now)s ORDER BY ends_at LIMIT 100"""
DELETE_OLD = "DELETE FROM announcements WHERE chain_id = %(chain)s AND ends_at < %(before)s LIMIT 100"


@dataclass(frozen=True)
class Announcement:
    """A text for the pages of stores, of all stores of the chain without `stores`."""

    id: str
    chain: str
    job: str
    stores: tuple[str, ...]
    text: str
    begins_at: datetime
    ends_at: datetime


def insert_announcement(transaction: Transaction, announcement: Announcement, before: datetime) -> None:
    """Store an announcement, and delete those of the chain that ended before a moment."""
    transaction.execute(DELETE_OLD, {"chain": announcement.chain, "before": before})
    transaction.execute(INSERT_ANNOUNCEMENT, vars(announcement) | {"stores": json.dumps(announcement.stores)})


def read_current(transaction: Transaction, chain: str, now: datetime) -> list[Announcement]:
    """Announcements of the chain that have not ended, those that end first before the others."""
    return [_announcement(row) for row in transaction.rows(SELECT_CURRENT, {"chain": chain, "now": now})]


def _announcement(row: Row) -> Announcement:
    times = {name: row[name].replace(tzinfo=UTC) for name in ("begins_at", "ends_at")}
    return Announcement(**row | times | {"stores": tuple(json.loads(row["stores"]))})
