"""Mutations that happen once: the first reply to a key is kept in the transaction of the work itself, and replayed.

The row is inserted before anything else, so a twin waits for it: it then finds the reply, or, when the wait is long,
learns that the first is still at work. A failed or killed first leaves no row, so there is no mark to expire.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from shared.db import Deadlock, Duplicate, Locked, Transaction
from shared.errors import Conflict, Rejected

# Each lets at least one twin go on.
DEADLOCKS_AT_MOST = 20

CLAIM_KEY = """
    INSERT INTO idempotency_keys (client_id, idempotency_key, signature, request_hash, reply_of, status, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""
_REPLY = "SELECT request_hash, status, reply FROM idempotency_keys"
BY_KEY = "WHERE client_id = %s AND idempotency_key = %s"
BY_SIGNATURE = "WHERE client_id = %s AND signature = %s"
DELETE_OLD_KEYS = "DELETE FROM idempotency_keys WHERE created_at < %s LIMIT 1000"
KEEP_REPLY = """
    UPDATE idempotency_keys SET status = %s, reply = %s WHERE client_id = %s AND idempotency_key = %s"""


@dataclass(frozen=True)
class Key:
    """What makes a request the same as another: the caller's key, or failing that the request's own signature."""

    client: str
    key: str
    signature: bytes
    request_hash: bytes


class Replay(Exception):
    """The work was done before: `reply` is the first reply's body."""

    def __init__(self, status: int, reply: str) -> None:
        super().__init__(status)
        self.status = status
        self.reply = reply


def request_hash(method: str, path: str, document: object) -> bytes:
    """Of what was asked, whatever its white space and order of members."""
    canonical = json.dumps([method, path, document], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest()


def claim(
    transaction: Transaction,
    key: Key,
    now: datetime,
    *,
    reply_of: str | None = None,
    status: int = 0,
    find_reply: str = _REPLY,
) -> None:
    """Begin the work of `key`, first statement of its transaction.

    Work whose reply is kept with what it makes gives its id as `reply_of`, and as `find_reply` a SELECT from
    idempotency_keys of request_hash, status and that reply. Raises `Replay` for work that was done, `Rejected` for a
    key that was used for another request, `Conflict` while a twin is at work.
    """
    values = (key.client, key.key, key.signature, key.request_hash, reply_of, status, now)
    try:
        _insert(transaction, values)
    except Locked as busy:
        raise Conflict("in_flight", "the same request is still at work", retry_after=1) from busy
    except Duplicate:
        found = transaction.row(f"{find_reply} {BY_KEY}", (key.client, key.key)) or transaction.row(
            f"{find_reply} {BY_SIGNATURE}", (key.client, key.signature)
        )
        if found is None:
            raise Conflict("in_flight", "the key has just been dropped for its age", retry_after=1) from None
        if found["request_hash"] != key.request_hash:
            raise Rejected("key_reused", "this Idempotency-Key was used for another request") from None
        raise Replay(found["status"], found["reply"]) from None


def _insert(transaction: Transaction, values: tuple[object, ...]) -> None:
    """Of twins that wait for one that fails, the server sends all but one back to the start, which this still is."""
    for _ in range(DEADLOCKS_AT_MOST):
        try:
            transaction.execute(CLAIM_KEY, values)
        except Deadlock:
            continue
        return
    transaction.execute(CLAIM_KEY, values)


@contextmanager
def once(transaction: Transaction, key: Key, now: datetime) -> Iterator["Kept"]:
    """Work whose reply is kept with it: set `kept.status` and `kept.reply` before the block ends."""
    claim(transaction, key, now)
    kept = Kept()
    yield kept
    transaction.execute(KEEP_REPLY, (kept.status, kept.reply, key.client, key.key))


@dataclass
class Kept:
    """The reply to keep."""

    status: int = 200
    reply: str = ""
