"""Sessions of people: a random token in a cookie, its hash in the database.

A token is 32 random bytes. The database has its SHA-256, so a copy of the table opens nothing. The proof against forged
requests is an HMAC of the token, which only a page of this origin can know. docs/api/sessions.md describes both.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from shared.contracts.ids import new_id
from shared.spine.db import Row, Transaction
from shared.spine.epoch import PRESENT_EPOCH
from shared.spine.errors import Rejected

CSRF_HEADER = "X-CSRF-Token"
IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
# `used_at` is at most this old, so that most requests write nothing.
NOTED_EVERY = timedelta(minutes=5)
# Requests a second of one person in one execution environment, and at once.
RATE, BURST = 50, 250
_LONGEST_COOKIES = 8_192
_CSRF_PURPOSE = b"dumbwaiter csrf 1"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_SAFE = {"GET", "HEAD", "OPTIONS"}

SELECT_SESSION = f"""
    SELECT s.id, s.person_id, s.created_at, s.used_at, s.expires_at, r.chain_id, r.name, r.role, r.level, r.scope_id,
        {PRESENT_EPOCH} AS epoch
    FROM sessions s JOIN person_roles r ON r.person_id = s.person_id
    WHERE s.token_hash = %(token_hash)s"""  # noqa: S608 - of a constant
INSERT_SESSION = """
    INSERT INTO sessions (token_hash, id, person_id, method, created_at, used_at, expires_at, caller_address, browser)
    VALUES (%(token_hash)s, %(id)s, %(person)s, %(method)s, %(now)s, %(now)s, %(expires_at)s, %(address)s,
        %(browser)s)"""
UPDATE_USED = "UPDATE sessions SET used_at = %(now)s WHERE token_hash = %(token_hash)s"
DELETE_SESSION = "DELETE FROM sessions WHERE token_hash = %(token_hash)s"
DELETE_SESSION_OF_PERSON = "DELETE FROM sessions WHERE person_id = %(person)s AND id = %(id)s"
DELETE_SESSIONS_OF_PERSON = "DELETE FROM sessions WHERE person_id = %(person)s AND id <> %(but)s"
DELETE_OLD_SESSIONS = """
    DELETE FROM sessions WHERE expires_at < %(now)s OR used_at < %(used_before)s LIMIT 1000"""
SELECT_SESSIONS_OF_PERSON = """
    SELECT id, method, created_at, used_at, expires_at, caller_address, browser FROM sessions
    WHERE person_id = %(person)s AND used_at > %(used_after)s AND expires_at > %(now)s ORDER BY id DESC LIMIT 100"""


@dataclass(frozen=True)
class Person:
    """A person who is signed in, and the session. `csrf` is what a page must send with a change."""

    id: str
    chain: str
    name: str
    session: str
    csrf: str
    expires_at: datetime

    @property
    def client_id(self) -> str:
        """The name under which requests of the person are stored, apart from API clients."""
        return f"p-{self.id}"


@dataclass(frozen=True)
class Origin:
    """Where a session began: the caller's address, its browser, and how the person proved who it is."""

    address: str
    browser: str
    method: str


def cookie_name(stage: str) -> str:
    """With the prefix, a browser takes the cookie over TLS alone and for this host alone."""
    return "dumbwaiter-session" if stage == "local" else "__Host-dumbwaiter-session"


def set_cookie(stage: str, token: str, lasts: timedelta = LONGEST) -> str:
    """The header that stores the token. Without a token it deletes the cookie."""
    seconds = int(lasts.total_seconds()) if token else 0
    secure = "" if stage == "local" else "; Secure"
    return f"{cookie_name(stage)}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def token_in(headers: Headers, stage: str) -> str | None:
    """The session token of a request, None without a cookie. Raises `Rejected` (401) for a cookie of no such form."""
    return cookie_in(headers, cookie_name(stage))


def cookie_in(headers: Headers, name: str) -> str | None:
    """A cookie that holds a token of ours, None without it. Raises `Rejected` (401) for one of another form."""
    text = headers.get("Cookie") or ""
    if len(text) > _LONGEST_COOKIES:
        raise session_ended()
    pairs = [pair.strip().partition("=") for pair in text.split(";")]
    tokens = [value for found, _, value in pairs if found == name]
    if not tokens:
        return None
    # Two cookies of the name come from two places, and one of them is not ours.
    if len(tokens) > 1 or not _TOKEN.fullmatch(tokens[0]):
        raise session_ended()
    return tokens[0]


def hash_of(token: str) -> bytes:
    """The hash that the database has in place of the token."""
    return hashlib.sha256(token.encode()).digest()


def csrf_of(token: str) -> str:
    """The proof that a request comes from a page that read it from this API: 43 characters of base64url."""
    return base64.urlsafe_b64encode(hmac.digest(token.encode(), _CSRF_PURPOSE, "sha256")).decode().rstrip("=")


def require_same_origin(method: str, headers: Headers) -> None:
    """Raises `Rejected` (403) for a request that a page of another origin caused.

    Browsers say so in Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/), older ones in Origin alone.
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        allowed = site == "same-origin" or (site == "none" and method in _SAFE)
    else:
        origin = headers.get("Origin")
        allowed = origin is None or urlsplit(origin).netloc == headers.get("Host")
    if not allowed:
        detail = "a page of another origin may not send this request"
        raise Rejected("origin_not_allowed", detail, status=HTTPStatus.FORBIDDEN)


def require_page(method: str, headers: Headers, token: str) -> None:
    """Raises `Rejected` (403) for a change without the proof that it comes from our own page."""
    require_same_origin(method, headers)
    if method in _SAFE:
        return
    sent = headers.get(CSRF_HEADER) or ""
    if not hmac.compare_digest(sent.encode("utf-8", "replace"), csrf_of(token).encode()):
        detail = f"send {CSRF_HEADER} with the value that GET /v1/session gives"
        raise Rejected("csrf_wrong", detail, status=HTTPStatus.FORBIDDEN)


def read_session(transaction: Transaction, token: str, now: datetime) -> list[Row]:
    """A row for each role of the person, and none when the session has ended. Notes that it is in use."""
    values = {"token_hash": hash_of(token), "now": now}
    rows = transaction.rows(SELECT_SESSION, values)
    if not rows or not _is_good(rows[0], now):
        return []
    if now - _utc(rows[0]["used_at"]) >= NOTED_EVERY:
        transaction.execute(UPDATE_USED, values)
    return rows


def person_of(rows: Sequence[Row], token: str) -> Person:
    """The person in the rows of `read_session`."""
    row = rows[0]
    return Person(row["person_id"], row["chain_id"], row["name"], row["id"], csrf_of(token), _utc(row["expires_at"]))


def insert_session(transaction: Transaction, person: str, origin: Origin, now: datetime) -> str:
    """Begin a session of the person. Returns its token, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    values = {
        "token_hash": hash_of(token),
        "id": new_id(now),
        "person": person,
        "method": origin.method,
        "now": now,
        "expires_at": now + LONGEST,
        "address": origin.address[:45],
        "browser": origin.browser[:200],
    }
    transaction.execute(INSERT_SESSION, values)
    return token


def delete_session(transaction: Transaction, token: str) -> bool:
    """End the session of the token. Whether there was one."""
    return transaction.execute(DELETE_SESSION, {"token_hash": hash_of(token)}) > 0


def delete_session_of_person(transaction: Transaction, person: str, session: str) -> bool:
    """End one session of the person, by its id. Whether there was one."""
    return transaction.execute(DELETE_SESSION_OF_PERSON, {"person": person, "id": session}) > 0


def delete_sessions_of_person(transaction: Transaction, person: str, but: str = "") -> int:
    """End all sessions of the person, but the one with the id `but`. How many there were."""
    return transaction.execute(DELETE_SESSIONS_OF_PERSON, {"person": person, "but": but})


def read_sessions_of_person(transaction: Transaction, person: str, now: datetime) -> list[Row]:
    """The sessions of the person that have not ended, the newest first."""
    return transaction.rows(SELECT_SESSIONS_OF_PERSON, {"person": person, "used_after": now - IDLE, "now": now})


def delete_old_sessions(transaction: Transaction, now: datetime) -> int:
    """Delete sessions that have ended by themselves, at most a thousand. How many there were."""
    return transaction.execute(DELETE_OLD_SESSIONS, {"now": now, "used_before": now - IDLE})


def session_ended() -> Rejected:
    """The error for a cookie that opens nothing."""
    return Rejected("session_ended", "the session has ended: sign in again", status=HTTPStatus.UNAUTHORIZED)


def _is_good(row: Row, now: datetime) -> bool:
    return now < _utc(row["expires_at"]) and now - _utc(row["used_at"]) < IDLE


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
