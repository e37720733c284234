"""API clients as they are stored: keys with their grants, sources and encrypted secrets.

A secret is shown once, when it is made. A rotation leaves the old one good for the overlap.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.spine.auth import cipher
from shared.spine.db import Row, Transaction
from shared.spine.rights import BOUND_RIGHTS, RIGHTS, Binding, Grant

OVERLAP = timedelta(days=7)

INSERT_CLIENT = """
    INSERT INTO api_clients (id, name, chain_id, grants, sources, requests_per_second, created_at)
    VALUES (%(id)s, %(name)s, %(chain)s, %(grants)s, %(sources)s, %(requests_per_second)s, %(now)s)"""
INSERT_SECRET = """
    INSERT INTO api_client_secrets (client_id, created_at, encrypted)
    VALUES (%(client)s, %(now)s, %(encrypted)s)"""  # noqa: S105 - SQL
UPDATE_EXPIRED = """
    UPDATE api_client_secrets SET expires_at = %(ends)s
    WHERE client_id = %(client)s AND (expires_at IS NULL OR expires_at > %(ends)s)"""
UPDATE_REVOKED = "UPDATE api_clients SET revoked_at = %(now)s WHERE id = %(client)s AND revoked_at IS NULL"
SELECT_CLIENT = """
    SELECT id, name, chain_id, grants, sources, requests_per_second, created_at, revoked_at FROM api_clients
    WHERE id = %(client)s"""
LOCK_CLIENT = f"{SELECT_CLIENT} FOR UPDATE"
SELECT_CLIENTS = """
    SELECT id, name, chain_id, grants, sources, requests_per_second, created_at, revoked_at FROM api_clients
    WHERE chain_id = %(chain)s AND id > %(after)s ORDER BY id LIMIT %(limit)s"""


@dataclass(frozen=True)
class StoredClient:
    """An API client without its secrets. `chain` is that of its first grant; None without a grant."""

    id: str
    name: str
    chain: str | None
    grants: Sequence[str]
    sources: Sequence[str]
    requests_per_second: int
    created_at: datetime
    revoked_at: datetime | None


def check_client(grants: Sequence[str], sources: Sequence[str], requests_per_second: int) -> None:
    """Raises ValueError for what is no grant or source, for a right that does not exist, and for a missing source."""
    rights = {Grant.parse(grant).right for grant in grants}
    if unknown := rights - RIGHTS:
        raise ValueError(f"there is no right {min(unknown)}; there are {', '.join(sorted(RIGHTS))}")
    for source in sources:
        Binding.parse(source)
    if not sources and (bound := rights & BOUND_RIGHTS):
        raise ValueError(f"{min(bound)} takes --source: whose orders, as till:till-1, mini_program:* or *:* for all")
    if requests_per_second < 1:
        raise ValueError("a client may make at least one request a second")


def new_client(
    name: str, grants: Sequence[str], sources: Sequence[str], requests_per_second: int, now: datetime
) -> StoredClient:
    """A client with a new id. Raises as `check_client`."""
    check_client(grants, sources, requests_per_second)
    chain = Grant.parse(grants[0]).chain if grants else None
    client_id = f"k{secrets.token_hex(8)}"
    return StoredClient(client_id, name, chain, grants, sources, requests_per_second, now, None)


def insert_client(transaction: Transaction, client: StoredClient) -> None:
    """Store a new client. It needs a secret before it can sign."""
    lists = {"grants": json.dumps(client.grants), "sources": json.dumps(client.sources)}
    transaction.execute(INSERT_CLIENT, vars(client) | lists | {"now": client.created_at})


def insert_secret(transaction: Transaction, client: str, keyring: Sequence[str], now: datetime) -> str:
    """Store another secret of the client, and return it."""
    secret = secrets.token_urlsafe(32)
    values = {"client": client, "now": now, "encrypted": cipher(keyring).encrypt(secret.encode())}
    transaction.execute(INSERT_SECRET, values)
    return secret


def expire_secrets(transaction: Transaction, client: str, ends: datetime) -> bool:
    """The present secrets end then. Whether there were any."""
    return transaction.execute(UPDATE_EXPIRED, {"client": client, "ends": ends}) > 0


def revoke_client(transaction: Transaction, client: str, now: datetime) -> bool:
    """End the client. Each environment refuses it within a minute. Whether there was one."""
    return transaction.execute(UPDATE_REVOKED, {"client": client, "now": now}) > 0


def read_client(transaction: Transaction, client: str, *, lock: bool = False) -> StoredClient | None:
    """A client, with `lock` locked until the end of the transaction."""
    row = transaction.row(LOCK_CLIENT if lock else SELECT_CLIENT, {"client": client})
    return _client(row) if row else None


def read_clients(transaction: Transaction, chain: str, after: str, limit: int) -> list[StoredClient]:
    """The clients of a chain by id, from the one after `after` on."""
    return [_client(row) for row in transaction.rows(SELECT_CLIENTS, {"chain": chain, "after": after, "limit": limit})]


def _client(row: Row) -> StoredClient:
    return StoredClient(
        row["id"],
        row["name"],
        row["chain_id"],
        json.loads(row["grants"]),
        json.loads(row["sources"]),
        row["requests_per_second"],
        row["created_at"].replace(tzinfo=UTC),
        row["revoked_at"] and row["revoked_at"].replace(tzinfo=UTC),
    )
