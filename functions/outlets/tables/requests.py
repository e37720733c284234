"""SQL of the table `outlet_requests`: what an outlet asked for in its chat, and whether it was confirmed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from functions.outlets.states import RequestKind
from shared.spine.db import Row, Transaction

COLUMNS = "request_id, chain_id, store_id, kind, subject, title, language, asked_by, confirmed_at"
INSERT_REQUEST = """
    INSERT INTO outlet_requests (request_id, chain_id, store_id, kind, subject, title, language, asked_by)
    VALUES (%(id)s, %(chain)s, %(store)s, %(kind)s, %(subject)s, %(title)s, %(language)s, %(asked_by)s)"""
SELECT_REQUEST = f"SELECT {COLUMNS} FROM outlet_requests WHERE request_id = %(request)s"  # noqa: S608 - of a constant
LOCK_REQUEST = f"{SELECT_REQUEST} FOR UPDATE"
UPDATE_CONFIRMED = "UPDATE outlet_requests SET confirmed_at = %(now)s WHERE request_id = %(request)s"
DELETE_OLD = "DELETE FROM outlet_requests WHERE request_id < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class Request:
    """A change that an outlet asked for. `subject` is an item's id, or a day; `title` is what a person reads."""

    id: str
    chain: str
    store: str
    kind: RequestKind
    subject: str
    title: str
    language: str
    asked_by: str
    confirmed_at: datetime | None = None


def insert_request(transaction: Transaction, request: Request) -> None:
    """Store a new request."""
    transaction.execute(INSERT_REQUEST, vars(request))


def read_request(transaction: Transaction, request: str) -> Request | None:
    """One request."""
    row = transaction.row(SELECT_REQUEST, {"request": request})
    return _request(row) if row else None


def lock_request(transaction: Transaction, request: str) -> Request | None:
    """One request, locked."""
    row = transaction.row(LOCK_REQUEST, {"request": request})
    return _request(row) if row else None


def update_request_confirmed(transaction: Transaction, request: str, now: datetime) -> None:
    """The outlet confirmed a locked request."""
    transaction.execute(UPDATE_CONFIRMED, {"request": request, "now": now})


def delete_old_requests(transaction: Transaction, before: str) -> int:
    """Delete at most a thousand requests with ids before this one."""
    return transaction.execute(DELETE_OLD, {"before": before})


def _request(row: Row) -> Request:
    return Request(
        row["request_id"],
        row["chain_id"],
        row["store_id"],
        RequestKind(row["kind"]),
        row["subject"],
        row["title"],
        row["language"],
        row["asked_by"],
        row["confirmed_at"] and row["confirmed_at"].replace(tzinfo=UTC),
    )
