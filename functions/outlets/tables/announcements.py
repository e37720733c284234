"""SQL of the table `outlet_announcements`: texts to all outlets of a chain or to some of them."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.outlets.states import AnnouncementState
from shared.spine.db import Row, Transaction

COLUMNS = """announcement_id, chain_id, content, state, starts_at, created_at, created_by, revision, queued_to"""
SELECT_CONTENTS = """
    SELECT announcement_id, content FROM outlet_announcements WHERE announcement_id IN %(announcements)s"""
SELECT_ANNOUNCEMENT = f"""
    SELECT {COLUMNS} FROM outlet_announcements WHERE announcement_id = %(announcement)s"""  # noqa: S608
LOCK_ANNOUNCEMENT = f"{SELECT_ANNOUNCEMENT} FOR UPDATE"
SELECT_OF_CHAIN = f"""
    SELECT {COLUMNS} FROM outlet_announcements WHERE chain_id = %(chain)s AND announcement_id < %(before)s
    ORDER BY announcement_id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_DUE = """
    SELECT announcement_id FROM outlet_announcements
    WHERE state IN ('scheduled', 'sending') AND starts_at <= %(now)s AND queued_to <> %(all)s
    ORDER BY starts_at LIMIT 20"""
# Two statements, because an update would lock the messages that it looks at.
SELECT_SENT = """
    SELECT announcement_id FROM outlet_announcements a
    WHERE state = 'sending' AND queued_to = %(all)s AND NOT EXISTS (
        SELECT 1 FROM outlet_messages m
        WHERE m.source_id = a.announcement_id AND m.state IN ('waiting', 'sending'))
    LIMIT 100"""
UPDATE_SENT_DONE = """
    UPDATE outlet_announcements SET state = 'done', revision = revision + 1
    WHERE announcement_id IN %(announcements)s AND state = 'sending'"""
SELECT_STOPPED = """
    SELECT announcement_id, state FROM outlet_announcements
    WHERE announcement_id IN %(announcements)s AND state IN ('paused', 'cancelled')"""
INSERT_ANNOUNCEMENT = """
    INSERT INTO outlet_announcements
        (announcement_id, chain_id, content, state, starts_at, created_at, created_by, revision, queued_to)
    VALUES (%(id)s, %(chain)s, %(content)s, %(state)s, %(starts_at)s, %(created_at)s, %(created_by)s, 1, '')"""
UPDATE_ANNOUNCEMENT = """
    UPDATE outlet_announcements
    SET state = %(state)s, starts_at = %(starts_at)s, queued_to = %(queued_to)s, revision = revision + 1
    WHERE announcement_id = %(id)s"""


# All outlets have their message. It sorts after each key of a store.
ALL = "~"


@dataclass(frozen=True)
class Announcement:
    """An announcement. The outlets up to `queued_to` have their message, or all of them."""

    id: str
    chain: str
    content: dict[str, Any]
    state: AnnouncementState
    starts_at: datetime
    created_at: datetime
    created_by: str
    revision: int = 1
    queued_to: str = ""


def read_contents(transaction: Transaction, announcements: Collection[str]) -> dict[str, dict[str, Any]]:
    """The contents of these announcements by id."""
    if not announcements:
        return {}
    rows = transaction.rows(SELECT_CONTENTS, {"announcements": tuple(announcements)})
    return {row["announcement_id"]: json.loads(row["content"]) for row in rows}


def read_announcement(transaction: Transaction, announcement: str) -> Announcement | None:
    """One announcement."""
    row = transaction.row(SELECT_ANNOUNCEMENT, {"announcement": announcement})
    return _announcement(row) if row else None


def lock_announcement(transaction: Transaction, announcement: str) -> Announcement | None:
    """One announcement, locked."""
    row = transaction.row(LOCK_ANNOUNCEMENT, {"announcement": announcement})
    return _announcement(row) if row else None


def read_announcements(transaction: Transaction, chain: str, before: str, limit: int) -> list[Announcement]:
    """The announcements of a chain, the newest first."""
    rows = transaction.rows(SELECT_OF_CHAIN, {"chain": chain, "before": before, "limit": limit})
    return [_announcement(row) for row in rows]


def read_due_announcements(transaction: Transaction, now: datetime) -> list[str]:
    """Announcements of which outlets have no message yet."""
    return [row["announcement_id"] for row in transaction.rows(SELECT_DUE, {"now": now, "all": ALL})]


def read_stopped(transaction: Transaction, announcements: Collection[str]) -> dict[str, AnnouncementState]:
    """Those of the announcements that are paused or cancelled."""
    if not announcements:
        return {}
    rows = transaction.rows(SELECT_STOPPED, {"announcements": tuple(announcements)})
    return {row["announcement_id"]: AnnouncementState(row["state"]) for row in rows}


def update_sent_done(transaction: Transaction) -> int:
    """An announcement is done when no message of it waits or is being sent. Returns their number."""
    rows = transaction.rows(SELECT_SENT, {"all": ALL})
    announcements = tuple(row["announcement_id"] for row in rows)
    return transaction.execute(UPDATE_SENT_DONE, {"announcements": announcements}) if announcements else 0


def insert_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Store a new announcement."""
    values = vars(announcement) | {"content": json.dumps(announcement.content, ensure_ascii=False)}
    transaction.execute(INSERT_ANNOUNCEMENT, values)


def update_announcement(transaction: Transaction, announcement: Announcement) -> None:
    """Store the state of a locked announcement."""
    values = {name: getattr(announcement, name) for name in ("id", "state", "starts_at", "queued_to")}
    transaction.execute(UPDATE_ANNOUNCEMENT, values)


def _announcement(row: Row) -> Announcement:
    return Announcement(
        row["announcement_id"],
        row["chain_id"],
        json.loads(row["content"]),
        AnnouncementState(row["state"]),
        row["starts_at"].replace(tzinfo=UTC),
        row["created_at"].replace(tzinfo=UTC),
        row["created_by"],
        row["revision"],
        row["queued_to"],
    )
