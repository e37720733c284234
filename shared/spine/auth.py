"""Who is calling, and what they may: API clients that sign their requests with HMAC-SHA256.

A client signs method, path, query, the body's hash and the time (docs/api/README.md, in three languages). Its secrets
are kept encrypted; for the overlap of a rotation it has two. What it may is a list of grants. Each names the chain:
`orders:read@chain:demo`, `menu:write@region:demo:north` or `orders:place@store:demo:s1`. Orders it changes only where
they are of its sources: `till:till-1`, `mini_program:*`.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from werkzeug.datastructures import Headers

from shared.contracts.ids import split_key, store_key
from shared.kit.rate_limit import TokenBucket
from shared.spine import log
from shared.spine.db import Row
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Rejected, Unavailable

SCHEME = "DUMBWAITER-HMAC-SHA256"
TOLERANCE = timedelta(seconds=300)
# A revoked client or secret is refused everywhere after this long.
CACHED_FOR = 60.0
# Strangers can make up key ids; remembering that many must not cost the memory of the clients that exist.
MAX_CACHED = 1_000
# A client may save up this many seconds' worth of requests for a rush.
BURST_SECONDS = 5

_HEADER = re.compile(rf"{SCHEME} Credential=([A-Za-z0-9_-]{{1,32}}), ?Signature=([0-9a-f]{{64}})")

SELECT_CLIENT = """
    SELECT c.grants, c.sources, c.requests_per_second, s.encrypted, s.expires_at
    FROM api_clients c JOIN api_client_secrets s ON s.client_id = c.id
    WHERE c.id = %s AND c.revoked_at IS NULL"""


# Every right that a view asks for.
RIGHTS = {
    "forecast:read",
    "forecast:write",
    "members:export",
    "members:forget",
    "members:read",
    "members:write",
    "menu:read",
    "menu:write",
    "orders:cancel",
    "orders:fulfil",
    "orders:import",
    "orders:pay",
    "orders:place",
    "orders:read",
    "orders:refund",
    "orders:write",
    "printing:enrol",
    "printing:operate",
    "printing:read",
    "printing:write",
    "stores:write",
    "tags:write",
    "takings:read",
}

# What a right of before, when they were one, stands for.
WIDER_RIGHTS = {"orders:write": {"orders:place", "orders:pay", "orders:cancel", "orders:fulfil"}}
# Rights that reach only orders of the key's sources.
BOUND_RIGHTS = {"orders:refund", "orders:write"} | WIDER_RIGHTS["orders:write"]


class Scope(NamedTuple):
    """A store, or with '' for region and store a whole chain. Regions and stores are unique within the chain."""

    chain: str
    region: str = ""
    store: str = ""

    @property
    def key(self) -> str:
        """The store's id that is unique over all chains."""
        return store_key(self.chain, self.store)


_ID = "[A-Za-z0-9._-]{1,64}"
_GRANT = re.compile(rf"([a-z]+:[a-z]+)@(?:(chain):({_ID})|(region|store):({_ID}):({_ID}))")


@dataclass(frozen=True)
class Grant:
    """One right over everything at or below one place; `id` is a region's or a store's, within the chain."""

    right: str
    level: str
    chain: str
    id: str

    @classmethod
    def parse(cls, text: str) -> "Grant":
        """From `right@chain:CHAIN`, `right@region:CHAIN:REGION` or `right@store:CHAIN:STORE`. Raises ValueError."""
        match = _GRANT.fullmatch(text)
        if not match:
            raise ValueError(
                f"{text!r} is no grant: write right@chain:CHAIN, right@region:CHAIN:REGION or right@store:CHAIN:STORE"
            )
        right, whole, chain, level, within, name = match.groups()
        return cls(right, whole, chain, chain) if whole else cls(right, level, within, name)

    def gives(self, right: str) -> bool:
        """Whether it is the right, or a wider one."""
        return self.right == right or right in WIDER_RIGHTS.get(self.right, ())

    def covers(self, right: str, scope: Scope) -> bool:
        """Whether it allows `right` in `scope`."""
        return self.gives(right) and self.chain == scope.chain and getattr(scope, self.level) == self.id


_SOURCE = re.compile(r"(till|mini_program|platform|\*):([A-Za-z0-9][A-Za-z0-9._-]{0,63}|\*)")


class Binding(NamedTuple):
    """Sources of orders: a kind and an id, `*` for any."""

    kind: str
    id: str

    @classmethod
    def parse(cls, text: str) -> "Binding":
        """From `KIND:ID`. Raises ValueError."""
        match = _SOURCE.fullmatch(text)
        if not match:
            raise ValueError(
                f"{text!r} is no source: write till:ID, mini_program:ID or platform:ID, with * for any, as in till:*"
            )
        return cls(*match.groups())

    def covers(self, kind: str, source_id: str) -> bool:
        """Whether the source is one of them."""
        return self.kind in ("*", kind) and self.id in ("*", source_id)


class Reach(NamedTuple):
    """Where a client has one right: whole chains, (chain, region) pairs, and keys of stores."""

    chains: tuple[str, ...]
    regions: tuple[tuple[str, str], ...]
    stores: tuple[str, ...]

    @property
    def all_chains(self) -> tuple[str, ...]:
        """The chains in which any of it lies."""
        within = [*self.chains, *(chain for chain, _ in self.regions), *(split_key(key)[0] for key in self.stores)]
        return tuple(sorted(set(within)))

    def within(self, chain: str | None) -> "Reach":
        """What of it lies in the chain; all of it for None."""
        if chain is None:
            return self
        return Reach(
            tuple(name for name in self.chains if name == chain),
            tuple(pair for pair in self.regions if pair[0] == chain),
            tuple(key for key in self.stores if split_key(key)[0] == chain),
        )

    def condition(self, chain: str, region: str, store: str) -> tuple[str, list[object]]:
        """(an SQL condition, its parameters) for the columns of a store's chain, region and key."""
        levels = {
            f"{chain} IN %s": self.chains,
            f"({chain}, {region}) IN %s": self.regions,
            f"{store} IN %s": self.stores,
        }
        limited = {text: ids for text, ids in levels.items() if ids}
        return f"({' OR '.join(limited)})" if limited else "FALSE", list(limited.values())


@dataclass
class Client:
    """A known caller."""

    id: str
    grants: Sequence[Grant]
    secrets: Sequence[tuple[bytes, datetime | None]] = field(repr=False)
    requests_per_second: int
    read_at: float
    sources: Sequence[Binding] = ()
    bucket: TokenBucket = field(init=False)

    def __post_init__(self) -> None:
        burst = float(self.requests_per_second * BURST_SECONDS)
        self.bucket = TokenBucket(self.requests_per_second, burst, burst, self.read_at)

    def may(self, right: str, scope: Scope) -> bool:
        """Whether any grant allows `right` in `scope`."""
        return any(grant.covers(right, scope) for grant in self.grants)

    def require(self, right: str, scope: Scope) -> None:
        """Raises `Rejected` (403) where no grant allows it."""
        if not self.may(right, scope):
            raise Rejected("not_allowed", f"this key has no {right} there", status=HTTPStatus.FORBIDDEN)

    def is_bound_to(self, kind: str, source_id: str) -> bool:
        """Whether the source is one of the key's own."""
        return any(binding.covers(kind, source_id) for binding in self.sources)

    def require_source(self, kind: str, source_id: str) -> None:
        """Raises `Rejected` (403) where the source is none of the key's own."""
        if not self.is_bound_to(kind, source_id):
            detail = f"this key is not of the source {kind}:{source_id}"
            raise Rejected("source_not_allowed", detail, status=HTTPStatus.FORBIDDEN)

    @property
    def chains(self) -> tuple[str, ...]:
        """Every chain in which the client has any right."""
        return tuple(sorted({grant.chain for grant in self.grants}))

    def reach(self, right: str) -> Reach:
        """Where the client has `right`."""
        grants = [grant for grant in self.grants if grant.gives(right)]
        return Reach(
            chains=tuple(grant.chain for grant in grants if grant.level == "chain"),
            regions=tuple((grant.chain, grant.id) for grant in grants if grant.level == "region"),
            stores=tuple(store_key(grant.chain, grant.id) for grant in grants if grant.level == "store"),
        )

    def spend(self, now: float) -> None:
        """Count one request against the client's rate in this environment. Raises `Unavailable` (429)."""
        available = self.bucket.available(now)
        if available < 1:
            raise Unavailable(
                "rate_exceeded",
                f"this key may make {self.requests_per_second} requests a second",
                status=HTTPStatus.TOO_MANY_REQUESTS,
                retry_after=max(1, round((1 - available) / self.requests_per_second)),
            )
        self.bucket.spend(now)


def string_to_sign(method: str, path: str, query: Sequence[tuple[str, str]], body: bytes, timestamp: str) -> str:
    """Five lines; `path` and `query` decoded. What is signed does not depend on how a gateway re-encodes an address."""
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
    """Checks signatures, with each client cached for at most `CACHED_FOR` seconds."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._known: dict[str, Client | None] = {}
        self._unknown_at: dict[str, float] = {}

    def authenticate(
        self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes, headers: Headers
    ) -> tuple[Client, bytes]:
        """(client, the request's signature). Raises `Rejected` (401), or `Unavailable` (429) over the rate.

        The reasons for a 401 are told apart only as far as they help an honest caller.
        """
        found = _HEADER.fullmatch(headers.get("Authorization") or "")
        timestamp = headers.get("X-Dumbwaiter-Time") or ""
        if not found or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", timestamp, re.ASCII):
            raise _unauthorized("signature_missing", f"send Authorization: {SCHEME} … and X-Dumbwaiter-Time")
        now = self._env.clock()
        if abs(now.timestamp() - float(timestamp)) > TOLERANCE.total_seconds():
            raise _unauthorized("time_skewed", "X-Dumbwaiter-Time is more than 300 s away from ours")
        client_id, given = found.groups()
        client = self._client(client_id, CACHED_FOR)
        text = string_to_sign(method, path, query, body, timestamp)
        if client and not _matches(client, given, text, now):
            # A secret that was made a moment ago is good at once, and costs strangers no more than a read a second.
            client = self._client(client_id, 1.0)
        if not _matches(client, given, text, now):
            raise _unauthorized("signature_wrong", "unknown key, or the signature does not fit the request")
        assert client is not None  # _matches is false for None
        client.spend(time.time())
        return client, bytes.fromhex(given)

    def _client(self, client_id: str, cached_for: float) -> Client | None:
        known = self._known.get(client_id)
        now = time.time()
        if known and now - known.read_at <= cached_for:
            return known
        if now - self._unknown_at.get(client_id, -CACHED_FOR) < 1:
            return None
        read = self._read(client_id, now)
        if read is None:
            self._known.pop(client_id, None)
            if len(self._unknown_at) >= MAX_CACHED:
                self._unknown_at.clear()
            self._unknown_at[client_id] = now
            return None
        if known:
            read.bucket.tokens, read.bucket.counted_at = known.bucket.tokens, known.bucket.counted_at
        self._known[client_id] = read
        return read

    def _read(self, client_id: str, now: float) -> Client | None:
        with self._env.db.transaction() as transaction:
            rows = transaction.rows(SELECT_CLIENT, (client_id,))
        if not rows:
            return None
        return client_of(client_id, rows, self._env.keyring(), now)


def client_of(client_id: str, rows: Sequence[Row], keyring: Sequence[str], read_at: float) -> Client:
    """The client in the rows of `SELECT_CLIENT`, its secrets decrypted. Raises `Misconfigured`."""
    box = cipher(keyring)
    try:
        secrets = [(box.decrypt(bytes(row["encrypted"])), row["expires_at"]) for row in rows]
    except InvalidToken:
        raise Misconfigured(
            "keyring_incomplete", f"a secret of {client_id} is under a key that the ring lacks"
        ) from None
    grants = [grant for text in json.loads(rows[0]["grants"]) for grant in _readable_grants(client_id, text)]
    sources = [Binding.parse(text) for text in json.loads(rows[0]["sources"])]
    return Client(client_id, grants, secrets, rows[0]["requests_per_second"], read_at, sources)


def _readable_grants(client_id: str, text: str) -> list[Grant]:
    """A grant that names no chain, from before grants did, allows nothing."""
    try:
        return [Grant.parse(text)]
    except ValueError as failure:
        log.logger().error("grant ignored", extra={"client": client_id, "error": str(failure)})
        return []


def cipher(keyring: Sequence[str]) -> MultiFernet:
    """Encrypts with the newest key of the ring, decrypts with any."""
    return MultiFernet([Fernet(key) for key in keyring])


def _matches(client: Client | None, given: str, text: str, now: datetime) -> bool:
    """Whether any secret of the client that is still good made this signature, in constant time."""
    if client is None:
        # A key that does not exist costs an HMAC too, so that a quick refusal does not give it away.
        hmac.compare_digest(given, signature(b"nobody", text))
        return False
    good = [
        hmac.compare_digest(given, signature(secret, text))
        for secret, expires_at in client.secrets
        if expires_at is None or expires_at > now.replace(tzinfo=None)
    ]
    return any(good)


def _unauthorized(code: str, detail: str) -> Rejected:
    return Rejected(code, detail, status=HTTPStatus.UNAUTHORIZED)
