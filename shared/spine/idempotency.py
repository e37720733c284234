"""Mutations that run once: the first reply to a key is stored in the transaction of the work, and replayed.

The key is inserted before the work begins. So a second request with the key waits. It then gets the stored reply, or
after a long wait the answer that the first is still running. A first request that fails leaves no key behind.

A reply that holds a secret is stored encrypted under the keyring, and only while the secret is good.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from cryptography.fernet import InvalidToken

from shared.spine.auth import cipher
from shared.spine.db import Deadlock, Duplicate, Locked, Row, Transaction
from shared.spine.errors import Conflict, Misconfigured, Rejected

# After each deadlock at least one of the waiting requests goes on.
DEADLOCKS_AT_MOST = 20
# Sources send an order again within minutes. Each key takes a few hundred bytes at most.
RECENT_KEYS = 2_000

INSERT_KEY = """
    INSERT INTO idempotency_keys (client_id, idempotency_key, signature, request_hash, reply_of, status, created_at)
    VALUES (%(client)s, %(key)s, %(signature)s, %(request_hash)s, %(reply_of)s, %(status)s, %(now)s)"""
SELECT_REPLY = """
    SELECT request_hash, status, reply, encrypted, good_until
    FROM idempotency_keys LEFT JOIN secret_replies USING (client_id, idempotency_key)"""
BY_KEY = "WHERE client_id = %(client)s AND idempotency_key = %(key)s"
BY_SIGNATURE = "WHERE client_id = %(client)s AND signature = %(signature)s"
INSERT_REPLY = """
    INSERT INTO idempotency_keys (client_id, idempotency_key, signature, request_hash, reply_of, status, created_at,
        reply)
    VALUES (%(client)s, %(key)s, %(signature)s, %(request_hash)s, %(reply_of)s, %(status)s, %(now)s, %(reply)s)"""
DELETE_OLD_KEYS = "DELETE FROM idempotency_keys WHERE created_at < %(before)s LIMIT 1000"
UPDATE_REPLY = """
    UPDATE idempotency_keys SET status = %(status)s, reply = %(reply)s, reply_of = %(reply_of)s
    WHERE client_id = %(client)s AND idempotency_key = %(key)s"""
# A key that was deleted for its age may come again while its secret reply is still stored.
REPLACE_SECRET_REPLY = """
    REPLACE INTO secret_replies (client_id, idempotency_key, encrypted, good_until)
    VALUES (%(client)s, %(key)s, %(encrypted)s, %(good_until)s)"""  # noqa: S105 - SQL
DELETE_OLD_SECRET_REPLIES = "DELETE FROM secret_replies WHERE good_until < %(before)s LIMIT 1000"  # noqa: S105 - SQL

Keyring = Callable[[], Sequence[str]]


@dataclass(frozen=True)
class Key:
    """Requests with the same key are one request. Without a caller's key the request's signature is the key."""

    client: str
    key: str
    signature: bytes
    request_hash: bytes


class Replay(Exception):
    """The work ran before: `reply` is the body of the first reply."""

    def __init__(self, status: int, reply: str) -> None:
        super().__init__(status)
        self.status = status
        self.reply = reply


class RecentKeys:
    """Keys whose work was stored by this environment. It is only a hint to look for their replies first."""

    def __init__(self, most: int = RECENT_KEYS) -> None:
        self._most = most
        self._keys: dict[tuple[str, str], None] = {}

    def __contains__(self, key: Key) -> bool:
        return (key.client, key.key) in self._keys

    def add(self, key: Key) -> None:
        """Remember the key. The oldest key is forgotten when there are too many."""
        if len(self._keys) >= self._most:
            del self._keys[next(iter(self._keys))]
        self._keys[key.client, key.key] = None


@dataclass
class StoredReply:
    """The reply to store. `secret_until`: it holds a secret that is good until then, and is stored encrypted.

    `subject`: the id of its resource when that may name a person; see `shared.spine.erasure`.
    """

    status: int = 200
    reply: str = ""
    secret_until: datetime | None = None
    subject: str | None = None


def request_hash(method: str, path: str, document: object) -> bytes:
    """The hash of a request. White space and the order of fields do not change it."""
    canonical = json.dumps([method, path, document], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest()


def claim(transaction: Transaction, key: Key, now: datetime, *, reply_of: str, status: int, select_reply: str) -> None:
    """Begin the work of `key`, as the first statement of its transaction. The work stores its reply itself.

    `reply_of` is the id of the resource with the reply. `select_reply` is a SELECT from idempotency_keys of
    request_hash, status and that reply. The claim leaves with the next statement. That raises `Replay` for work that
    ran before, `Rejected` for a key of another request, and `Conflict` while the first request is running.
    """

    def refuse(failure: Exception) -> None:
        if isinstance(failure, Locked):
            raise _in_flight() from failure
        if isinstance(failure, Duplicate):
            row = _first_request(transaction, key, select_reply)
            raise Replay(row["status"], row["reply"])

    values = {**vars(key), "reply_of": reply_of, "status": status, "now": now}
    transaction.execute_with_next(INSERT_KEY, values, refuse)


@contextmanager
def once(transaction: Transaction, key: Key, now: datetime, keyring: Keyring) -> Iterator[StoredReply]:
    """Work whose reply is stored beside its key: set `status` and `reply` before the block ends.

    Set `secret_until` for a reply with a secret. Raises as `claim`, and `Rejected` (410) for a reply whose secret is no
    longer good.
    """
    if row := _claim(transaction, key, now):
        raise Replay(row["status"], _reply(row, now, keyring))
    stored_reply = StoredReply()
    yield stored_reply
    values = {
        "client": key.client,
        "key": key.key,
        "status": stored_reply.status,
        "reply": stored_reply.reply if stored_reply.secret_until is None else None,
        "reply_of": stored_reply.subject,
    }
    transaction.execute(UPDATE_REPLY, values)
    if stored_reply.secret_until is not None:
        encrypted = cipher(keyring()).encrypt(stored_reply.reply.encode())
        values |= {"encrypted": encrypted, "good_until": stored_reply.secret_until}
        transaction.execute(REPLACE_SECRET_REPLY, values)


def insert_reply(transaction: Transaction, key: Key, now: datetime, stored_reply: StoredReply) -> None:
    """Store the key with the reply of its work, as the last statement of work that began with the lock of a row.

    Of two requests at once the second waits for that row, so that the key need not be there before. Raises as `claim`.
    """
    values = {
        **vars(key),
        "now": now,
        "status": stored_reply.status,
        "reply": stored_reply.reply,
        "reply_of": stored_reply.subject,
    }

    def refuse(failure: Exception) -> None:
        if isinstance(failure, Duplicate):
            replay(transaction, key)

    transaction.execute_with_next(INSERT_REPLY, values, refuse)


def replay_stored(transaction: Transaction, key: Key, select_reply: str) -> None:
    """Raises as `claim` for work that ran before, after one round trip. Else the transaction has done nothing."""
    if row := transaction.last_row(f"{select_reply} {BY_KEY}", vars(key)):
        _require_same_request(row, key)
        raise Replay(row["status"], row["reply"])


def replay(transaction: Transaction, key: Key) -> None:
    """Raises `Replay` for work that ran before, and `Rejected` for a key of another request."""
    values = vars(key)
    if row := _last_row_of(transaction, SELECT_REPLY, values):
        _require_same_request(row, key)
        raise Replay(row["status"], row["reply"])


def _last_row_of(transaction: Transaction, select_reply: str, values: Mapping[str, object]) -> Row | None:
    """The row of the first request. The transaction has ended then."""
    return transaction.last_row(f"{select_reply} {BY_KEY}", values) or transaction.last_row(
        f"{select_reply} {BY_SIGNATURE}", values
    )


def _require_same_request(row: Row, key: Key) -> None:
    if row["request_hash"] != key.request_hash:
        raise Rejected("key_reused", "this Idempotency-Key was used for another request") from None


def _claim(transaction: Transaction, key: Key, now: datetime) -> Row | None:
    """None when the work may begin, or the row of `SELECT_REPLY` for work that ran before."""
    try:
        _insert(transaction, {**vars(key), "reply_of": None, "status": 0, "now": now})
    except Locked as busy:
        raise _in_flight() from busy
    except Duplicate:
        return _first_request(transaction, key, SELECT_REPLY)
    return None


def _first_request(transaction: Transaction, key: Key, select_reply: str) -> Row:
    """The row of the request that had the key first. Raises `Rejected` when that was another one.

    The transaction has ended then: its caller raises.
    """
    row = _last_row_of(transaction, select_reply, vars(key))
    if row is None:
        raise Conflict("in_flight", "the key has just been dropped for its age", retry_after=1) from None
    _require_same_request(row, key)
    return row


def _in_flight() -> Conflict:
    return Conflict("in_flight", "the same request is still at work", retry_after=1)


def _insert(transaction: Transaction, values: dict[str, object]) -> None:
    """Insert the key. When several requests wait for one that fails, the server rolls all but one of them back.

    Each of those may try again, because the insert is the first statement of its transaction.
    """
    for _ in range(DEADLOCKS_AT_MOST):
        try:
            transaction.execute(INSERT_KEY, values)
        except Deadlock:
            continue
        return
    transaction.execute(INSERT_KEY, values)


def _reply(row: Row, now: datetime, keyring: Keyring) -> str:
    if row["reply"] is not None:
        return str(row["reply"])
    if row["encrypted"] is None or row["good_until"].replace(tzinfo=UTC) <= now:
        detail = "the secret in the reply to this request is no longer good: ask again with another key"
        raise Rejected("reply_expired", detail, status=HTTPStatus.GONE)
    try:
        return cipher(keyring()).decrypt(bytes(row["encrypted"])).decode()
    except InvalidToken:
        raise Misconfigured("keyring_incomplete", "the key of a stored reply is not in the key ring") from None
