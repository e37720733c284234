"""SQL of the table `person_links`: one-time links by which a person chooses a password."""

import hashlib
import secrets
from datetime import datetime, timedelta

from shared.spine.db import Transaction

LASTS = timedelta(hours=72)

INSERT_LINK = """
    INSERT INTO person_links (token_hash, person_id, made_by, made_at, expires_at)
    VALUES (%(token_hash)s, %(person)s, %(made_by)s, %(now)s, %(expires_at)s)"""
SELECT_LINK = """
    SELECT person_id FROM person_links WHERE token_hash = %(token_hash)s AND expires_at > %(now)s"""
LOCK_LINK = f"{SELECT_LINK} FOR UPDATE"
DELETE_LINKS = "DELETE FROM person_links WHERE person_id = %(person)s"
DELETE_OLD = "DELETE FROM person_links WHERE expires_at < %(before)s LIMIT 1000"


def insert_link(transaction: Transaction, person: str, made_by: str, now: datetime) -> str:
    """A new link of the person, in place of all earlier ones. Returns its token, which is stored nowhere."""
    delete_links(transaction, person)
    token = secrets.token_urlsafe(32)
    values = {"token_hash": _hash(token), "person": person, "made_by": made_by, "now": now, "expires_at": now + LASTS}
    transaction.execute(INSERT_LINK, values)
    return token


def read_link(transaction: Transaction, token: str, now: datetime, *, lock: bool = False) -> str | None:
    """The person of a link that has not expired, with `lock` locked until the end of the transaction."""
    row = transaction.row(LOCK_LINK if lock else SELECT_LINK, {"token_hash": _hash(token), "now": now})
    return row["person_id"] if row else None


def delete_links(transaction: Transaction, person: str) -> None:
    """End all links of the person."""
    transaction.execute(DELETE_LINKS, {"person": person})


def delete_old_links(transaction: Transaction, before: datetime) -> int:
    """Delete links that expired before a moment, at most a thousand. How many there were."""
    return transaction.execute(DELETE_OLD, {"before": before})


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
