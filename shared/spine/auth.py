"""API clients that sign their requests with HMAC-SHA256.

A client signs method, path, query, the body's hash and the time; docs/api/signing.md shows it in three languages. Its
secrets are stored encrypted. During a rotation it has two. `shared.spine.rights` says what it may do.

A guest's device sends a token in place of a signature: see `shared.spine.guest_tokens`. A person's browser sends a
cookie: see `shared.spine.sessions`.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from urllib.parse import quote

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from werkzeug.datastructures import Headers

from shared.contracts.ids import store_key
from shared.kit.rate_limit import RateLimit, TokenBucket
from shared.spine import guest_tokens, log, sessions
from shared.spine.db import Row
from shared.spine.env import Environment
from shared.spine.epoch import PRESENT_EPOCH, read_epoch
from shared.spine.errors import Misconfigured, Rejected, Unavailable
from shared.spine.guest_tokens import GuestToken
from shared.spine.rights import Binding, Grant, Reach, Scope
from shared.spine.roles import grants_of
from shared.spine.sessions import Person

SCHEME = "DUMBWAITER-HMAC-SHA256"
TOLERANCE = timedelta(seconds=300)
# A revoked client or secret is refused everywhere after this long. The epoch of an environment is at most this old.
CACHED_FOR = 60.0
# Unknown key ids are remembered; so many that strangers cannot fill the memory.
MAX_CACHED = 1_000
# A client may save up this many seconds' worth of requests for a rush.
BURST_SECONDS = 5

_HEADER = re.compile(rf"{SCHEME} Credential=([A-Za-z0-9_-]{{1,32}}), ?Signature=([0-9a-f]{{64}})")

_BEARER = re.compile(r"Bearer ([!-~]+)")

SELECT_CLIENT = f"""
    SELECT c.grants, c.sources, c.requests_per_second, s.encrypted, s.expires_at, {PRESENT_EPOCH} AS epoch
    FROM api_clients c JOIN api_client_secrets s ON s.client_id = c.id
    WHERE c.id = %(client)s AND c.revoked_at IS NULL"""  # noqa: S608 - of a constant


@dataclass
class Client:
    """An API client: its grants, its secrets with the end of each, and its rate.

    With a `token` it is a guest, who may do only what the token allows; `id` is the client that made the token. With a
    `person` it is one who is signed in, and the grants are those of the person's roles.
    """

    id: str
    grants: Sequence[Grant]
    secrets: Sequence[tuple[bytes, datetime | None]] = field(repr=False)
    requests_per_second: int
    read_at: float
    sources: Sequence[Binding] = ()
    token: GuestToken | None = None
    person: Person | None = None
    bucket: TokenBucket = field(init=False)
    _by_right: dict[str, Sequence[Grant]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        burst = float(self.requests_per_second * BURST_SECONDS)
        self.bucket = TokenBucket(self.requests_per_second, burst, burst, self.read_at)

    def may(self, right: str, scope: Scope) -> bool:
        """Whether any grant allows `right` in `scope`."""
        return any(grant.covers(right, scope) for grant in self._grants_of(right))

    def _grants_of(self, right: str) -> Sequence[Grant]:
        """The grants that give `right`. An order asks for several rights, and a key may have dozens of grants."""
        if right not in self._by_right:
            self._by_right[right] = [grant for grant in self.grants if grant.gives(right)]
        return self._by_right[right]

    def require(self, right: str, scope: Scope) -> None:
        """Raises `Rejected` (403) when no grant allows it."""
        if not self.may(right, scope):
            who = "this key has" if self.person is None else "you have"
            raise Rejected("not_allowed", f"{who} no {right} there", status=HTTPStatus.FORBIDDEN)

    def sees_personal(self, scope: Scope) -> bool:
        """Whether names, phone numbers and addresses of guests are shown. API clients see what they always saw."""
        return self.person is None or self.may("personal:read", scope)

    def is_bound_to(self, kind: str, source_id: str) -> bool:
        """Whether the source is one of the client's own."""
        return any(binding.covers(kind, source_id) for binding in self.sources)

    def require_source(self, kind: str, source_id: str) -> None:
        """Raises `Rejected` (403) when the source is none of the client's own."""
        if not self.is_bound_to(kind, source_id):
            detail = f"this key is not of the source {kind}:{source_id}"
            raise Rejected("source_not_allowed", detail, status=HTTPStatus.FORBIDDEN)

    @cached_property
    def chains(self) -> tuple[str, ...]:
        """Every chain in which the client has any right."""
        return tuple(sorted({grant.chain for grant in self.grants}))

    def reach(self, right: str) -> Reach:
        """The scopes in which the client has `right`."""
        grants = self._grants_of(right)
        return Reach(
            chains=tuple(grant.chain for grant in grants if grant.level == "chain"),
            regions=tuple((grant.chain, grant.id) for grant in grants if grant.level == "region"),
            stores=tuple(store_key(grant.chain, grant.id) for grant in grants if grant.level == "store"),
        )

    def spend(self, now: float) -> None:
        """Count one request against the client's rate in this environment. Raises `Unavailable` (429)."""
        available = self.bucket.available(now)
        if available < 1:
            detail = f"this key may make {self.requests_per_second} requests a second"
            raise _too_many(detail, max(1, round((1 - available) / self.requests_per_second)))
        self.bucket.spend(now)


def string_to_sign(method: str, path: str, query: Sequence[tuple[str, str]], body: bytes, timestamp: str) -> str:
    """Five lines; `path` and `query` decoded. So the signature survives a gateway that encodes an address again."""
    pairs = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in query)
    return "\n".join(
        [
            method.upper(),
            quote(path, safe="/"),
            "&".join(f"{name}={value}" for name, value in pairs),
            hashlib.sha256(body).hexdigest(),
            timestamp,
        ]
    )


def signature(secret: bytes, text: str) -> str:
    """HMAC-SHA256 of the string to sign, in lower-case hex."""
    return hmac.digest(secret, text.encode(), "sha256").hex()


class Authenticator:
    """Checks signatures, with each client cached for at most `CACHED_FOR` seconds.

    `epoch` is the highest epoch that this environment has read, None before the first client.
    """

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._clients: dict[str, Client] = {}
        self._unknown_at: dict[str, float] = {}
        self._token_rates = RateLimit(guest_tokens.RATE, guest_tokens.BURST)
        self._person_rates = RateLimit(sessions.RATE, sessions.BURST)
        self.epoch: int | None = None

    def authenticate(
        self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes, headers: Headers
    ) -> tuple[Client, bytes]:
        """(client, the request's signature; empty for a token or a cookie).

        Raises `Rejected` (401, 403), `Unavailable` (429, 503). The codes of a 401 differ only where that helps an
        honest caller. A cookie beside a signature or a token is not looked at.
        """
        if "Authorization" not in headers and (cookie := sessions.token_in(headers, self._env.settings.stage)):
            return self._person(cookie, method, headers), b""
        if bearer := _BEARER.fullmatch(headers.get("Authorization") or ""):
            return self._guest(bearer[1]), b""
        match = _HEADER.fullmatch(headers.get("Authorization") or "")
        timestamp = headers.get("X-Dumbwaiter-Time") or ""
        if not match or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", timestamp, re.ASCII):
            raise _unauthorized("signature_missing", f"send Authorization: {SCHEME} … and X-Dumbwaiter-Time")
        now = self._env.clock()
        if abs(now.timestamp() - float(timestamp)) > TOLERANCE.total_seconds():
            raise _skewed(now, float(timestamp))
        client_id, request_signature = match.groups()
        text = string_to_sign(method, path, query, body, timestamp)
        client = self._client_that_signed(client_id, request_signature, text, now)
        client.spend(time.time())
        return client, bytes.fromhex(request_signature)

    def _guest(self, text: str) -> Client:
        """The guest with this token. Its client is read where it is cached, so a revocation ends its tokens too."""
        now = self._env.clock()
        token = guest_tokens.read_token(text, self._env.keyring(), now)
        client = self._client(token.client, CACHED_FOR)
        if not (client and _may_make(client, token)):
            raise guest_tokens.invalid_token()
        self.require_epoch(token.epoch)
        assert self.epoch is not None  # require_epoch has read it
        guest_tokens.require_present_epoch(token, self.epoch)
        if not self._token_rates.spend(token.id, time.time()):
            raise _too_many(f"a guest token may make {guest_tokens.RATE} requests a second", 1)
        return _guest_of(client, token)

    def _person(self, token: str, method: str, headers: Headers) -> Client:
        """The person of the cookie, read each time: a session that was ended opens nothing from then on."""
        sessions.require_page(method, headers, token)
        # Views work in transactions: a statement that commits itself would cost a round trip before and after it.
        with self._env.db.transaction() as transaction:
            rows = sessions.read_session(transaction, token, self._env.clock())
        if not rows:
            raise sessions.session_ended()
        self.epoch = int(rows[0]["epoch"])
        person = sessions.person_of(rows, token)
        if not self._person_rates.spend(person.id, time.time()):
            raise _too_many(f"a person may make {sessions.RATE} requests a second", 1)
        return _client_of_person(person, rows)

    def require_epoch(self, highest: int) -> None:
        """Raises `Unavailable` in a region that was failed over: `highest` is the highest epoch of the caller."""
        if self.epoch is None or self.epoch < highest:
            with self._env.db.transaction() as transaction:
                self.epoch = read_epoch(transaction)
        if self.epoch < highest:
            detail = f"this region has epoch {self.epoch}, and epoch {highest} began elsewhere: use another address"
            raise Unavailable("region_superseded", detail)

    def _client_that_signed(self, client_id: str, request_signature: str, text: str, now: datetime) -> Client:
        client = self._client(client_id, CACHED_FOR)
        matches = _matches(client, request_signature, text, now)
        if client and not matches:
            # A secret that was created a moment ago is good at once. It costs strangers at most one read a second.
            client = self._client(client_id, 1.0)
            matches = _matches(client, request_signature, text, now)
        if not matches:
            raise _unauthorized("signature_wrong", "unknown key, or the signature does not fit the request")
        assert client is not None  # _matches is false for None
        return client

    def _client(self, client_id: str, cached_for: float) -> Client | None:
        cached = self._clients.get(client_id)
        now = time.time()
        if cached and now - cached.read_at <= cached_for:
            return cached
        if now - self._unknown_at.get(client_id, -CACHED_FOR) < 1:
            return None
        client = self._read(client_id, now)
        if client is None:
            self._clients.pop(client_id, None)
            self._note_unknown(client_id, now)
            return None
        if cached:
            client.bucket.tokens, client.bucket.counted_at = cached.bucket.tokens, cached.bucket.counted_at
        self._clients[client_id] = client
        return client

    def _note_unknown(self, client_id: str, now: float) -> None:
        if len(self._unknown_at) >= MAX_CACHED:
            self._unknown_at.clear()
        self._unknown_at[client_id] = now

    def _read(self, client_id: str, now: float) -> Client | None:
        with self._env.db.transaction() as transaction:
            rows = transaction.rows(SELECT_CLIENT, {"client": client_id})
        if not rows:
            return None
        self.epoch = int(rows[0]["epoch"])
        return client_of(client_id, rows, self._env.keyring(), now)


def client_of(client_id: str, rows: Sequence[Row], keyring: Sequence[str], read_at: float) -> Client:
    """The client in the rows of `SELECT_CLIENT`, its secrets decrypted. Raises `Misconfigured`."""
    decryptor = cipher(keyring)
    try:
        secrets = [(decryptor.decrypt(bytes(row["encrypted"])), row["expires_at"]) for row in rows]
    except InvalidToken:
        raise Misconfigured(
            "keyring_incomplete", f"the key of a secret of {client_id} is not in the key ring"
        ) from None
    grants = [grant for text in json.loads(rows[0]["grants"]) for grant in _readable_grants(client_id, text)]
    sources = [Binding.parse(text) for text in json.loads(rows[0]["sources"])]
    return Client(client_id, grants, secrets, rows[0]["requests_per_second"], read_at, sources)


def _readable_grants(client_id: str, text: str) -> list[Grant]:
    """The grant; an old grant that names no chain allows nothing."""
    try:
        return [Grant.parse(text)]
    except ValueError as failure:
        log.logger().error("grant ignored", extra={"client": client_id, "error": str(failure)})
        return []


def cipher(keyring: Sequence[str]) -> MultiFernet:
    """Encrypts with the newest key of the ring, decrypts with any."""
    return MultiFernet([Fernet(key) for key in keyring])


def _matches(client: Client | None, request_signature: str, text: str, now: datetime) -> bool:
    """Whether a valid secret of the client made this signature, in constant time."""
    if client is None:
        # An unknown key costs an HMAC too, so that a quick refusal does not reveal that the key is unknown.
        hmac.compare_digest(request_signature, signature(b"nobody", text))
        return False
    matches = [
        hmac.compare_digest(request_signature, signature(secret, text))
        for secret, expires_at in client.secrets
        if expires_at is None or expires_at > now.replace(tzinfo=None)
    ]
    return any(matches)


def _may_make(client: Client, token: GuestToken) -> bool:
    """Whether the client still has the right and the source of the token."""
    scope = Scope(token.chain, token.region, token.store)
    return client.may(guest_tokens.RIGHT, scope) and client.is_bound_to(guest_tokens.SOURCE_KIND, token.source_id)


def _guest_of(client: Client, token: GuestToken) -> Client:
    """The guest. Views check its own orders apart from these grants."""
    grants = [Grant(right, "store", token.chain, token.store) for right in ("orders:place", "menu:read")]
    sources = [Binding(guest_tokens.SOURCE_KIND, token.source_id)]
    return Client(client.id, grants, (), guest_tokens.RATE, client.read_at, sources, token)


def _client_of_person(person: Person, rows: Sequence[Row]) -> Client:
    grants = [
        grant
        for row in rows
        if row["role"] is not None
        for grant in grants_of(row["role"], row["level"], person.chain, row["scope_id"])
    ]
    return Client(person.client_id, grants, (), sessions.RATE, time.time(), [Binding("*", "*")], person=person)


def _skewed(now: datetime, timestamp: float) -> Rejected:
    """The 401 for a wrong clock. `skew_seconds` is above 0 for a clock that is ahead of the server's."""
    skew = round(timestamp - now.timestamp())
    server_time = now.isoformat(timespec="seconds")
    detail = (
        f"X-Dumbwaiter-Time is {abs(skew)} s {'ahead of' if skew > 0 else 'behind'} the server's time {server_time}"
    )
    extensions = {"server_time": server_time, "skew_seconds": skew}
    return Rejected("time_skewed", detail, status=HTTPStatus.UNAUTHORIZED, extensions=extensions)


def _too_many(detail: str, retry_after: int) -> Unavailable:
    return Unavailable("rate_exceeded", detail, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=retry_after)


def _unauthorized(code: str, detail: str) -> Rejected:
    return Rejected(code, detail, status=HTTPStatus.UNAUTHORIZED)
