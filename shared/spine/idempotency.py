"""Mutations that happen once: the first reply to a key is kept in the transaction of the work itself, and replayed.

The row is inserted before anything else, so a twin waits for it: it then finds the reply, or, when the wait is long,
learns that the first is still at work. A failed or killed first leaves no row, so there is no mark to expire.

A reply that holds a secret is kept encrypted under the keyring, and only while the secret is good.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from cryptography.fernet import InvalidToken

from shared.spine.auth import cipher
from shared.spine.db import Deadlock, Duplicate, Locked, Row, Transaction
from shared.spine.errors import Conflict, Misconfigured, Rejected

# Each lets at least one twin go on.
DEADLOCKS_AT_MOST = 20

CLAIM_KEY = """
    INSERT INTO idempotency_keys (client_id, idempotency_key, signature, request_hash, reply_of, status, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""
_REPLY = """
    SELECT request_hash, status, reply, encrypted, good_until
    FROM idempotency_keys LEFT JOIN secret_replies USING (client_id, idempotency_key)"""
BY_KEY = "WHERE client_id = %s AND idempotency_key = %s"
BY_SIGNATURE = "WHERE client_id = %s AND signature = %s"
DELETE_OLD_KEYS = "DELETE FROM idempotency_keys WHERE created_at < %s LIMIT 1000"
KEEP_REPLY = """
    UPDATE idempotency_keys SET status = %s, reply = %s, reply_of = %s WHERE client_id = %s AND idempotency_key = %s"""
# A key that was dropped for its age may be used again while its secret reply is still there.
KEEP_SECRET_REPLY = """
    REPLACE INTO secret_replies (client_id, idempotency_key, encrypted, good_until) VALUES (%s, %s, %s, %s)"""  # noqa: S105 - SQL
DELETE_OLD_SECRET_REPLIES = "DELETE FROM secret_replies WHERE good_until < %s LIMIT 1000"  # noqa: S105 - SQL

Keyring = Callable[[], Sequence[str]]


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


def claim(transaction: Transaction, key: Key, now: datetime, *, reply_of: str, status: int, find_reply: str) -> None:
    """Begin the work of `key`, first statement of its transaction; its reply is kept with what it makes.

    `reply_of` is the id of that, and `find_reply` a SELECT from idempotency_keys of request_hash, status and that
    reply. Raises `Replay` for work that was done, `Rejected` for a key that was used for another request, `Conflict`
    while a twin is at work.
    """
    if done := _claim(transaction, key, (reply_of, status, now), find_reply):
        raise Replay(done["status"], done["reply"])


@contextmanager
def once(transaction: Transaction, key: Key, now: datetime, keyring: Keyring) -> Iterator["Kept"]:
    """Work whose reply is kept beside its key: set `kept.status` and `kept.reply` before the block ends.

    Where the reply holds a secret, set `kept.secret_until` too. Raises what `claim` raises, and `Rejected` (410) for
    work that was done and whose secret is no longer good.
    """
    if done := _claim(transaction, key, (None, 0, now), _REPLY):
        raise Replay(done["status"], _reply(done, now, keyring))
    kept = Kept()
    yield kept
    if kept.secret_until is None:
        transaction.execute(KEEP_REPLY, (kept.status, kept.reply, kept.subject, key.client, key.key))
        return
    encrypted = cipher(keyring()).encrypt(kept.reply.encode())
    transaction.execute(KEEP_REPLY, (kept.status, None, kept.subject, key.client, key.key))
    transaction.execute(KEEP_SECRET_REPLY, (key.client, key.key, encrypted, kept.secret_until))


def _claim(transaction: Transaction, key: Key, values: tuple[str | None, int, datetime], find_reply: str) -> Row | None:
    """None where the work may begin, or the row of `find_reply` for work that was done."""
    try:
        _insert(transaction, (key.client, key.key, key.signature, key.request_hash, *values))
    except Locked as busy:
        raise Conflict("in_flight", "the same request is still at work", retry_after=1) from busy
    except Duplicate:
        done = transaction.row(f"{find_reply} {BY_KEY}", (key.client, key.key)) or transaction.row(
            f"{find_reply} {BY_SIGNATURE}", (key.client, key.signature)
        )
        if done is None:
            raise Conflict("in_flight", "the key has just been dropped for its age", retry_after=1) from None
        if done["request_hash"] != key.request_hash:
            raise Rejected("key_reused", "this Idempotency-Key was used for another request") from None
        return done
    return None


def _insert(transaction: Transaction, values: tuple[object, ...]) -> None:
    """Of twins that wait for one that fails, the server sends all but one back to the start, which this still is."""
    for _ in range(DEADLOCKS_AT_MOST):
        try:
            transaction.execute(CLAIM_KEY, values)
        except Deadlock:
            continue
        return
    transaction.execute(CLAIM_KEY, values)


def _reply(done: Row, now: datetime, keyring: Keyring) -> str:
    if done["reply"] is not None:
        return str(done["reply"])
    if done["encrypted"] is None or done["good_until"].replace(tzinfo=UTC) <= now:
        detail = "this request was done, and the secret in its reply is no longer good: ask anew under another key"
        raise Rejected("reply_expired", detail, status=HTTPStatus.GONE)
    try:
        return cipher(keyring()).decrypt(bytes(done["encrypted"])).decode()
    except InvalidToken:
        raise Misconfigured("keyring_incomplete", "a kept reply is under a key that the ring lacks") from None


@dataclass
class Kept:
    """The reply to keep. `secret_until`: it holds a secret, which is good until then; it is not kept in clear.

    `subject`: the id of what it tells of, where that may name a person: see `shared.spine.erasure`.
    """

    status: int = 200
    reply: str = ""
    secret_until: datetime | None = None
    subject: str | None = None
