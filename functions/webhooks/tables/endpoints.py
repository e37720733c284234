"""SQL of the tables `webhook_endpoints` and `webhook_secrets`."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from functions.webhooks.states import DisabledReason, EndpointStatus
from shared.spine.db import Row, Transaction

COLUMNS = """id, chain_id, stores, url, types, description, guest, status, reason, created_at, hears_from,
    failing_since, failures, paused_until, revision, sequence"""
SELECT_BY_IDS = f"SELECT {COLUMNS} FROM webhook_endpoints WHERE id IN %(ids)s"  # noqa: S608 - of a constant
SELECT_ENABLED = f"""
    SELECT {COLUMNS} FROM webhook_endpoints WHERE chain_id IN %(chains)s AND status = 'enabled'
    """  # noqa: S608 - of a constant
SELECT_OF_CHAIN = f"""
    SELECT {COLUMNS} FROM webhook_endpoints WHERE chain_id = %(chain)s ORDER BY id"""  # noqa: S608 - of a constant
LOCK_ENDPOINT = f"SELECT {COLUMNS} FROM webhook_endpoints WHERE id = %(id)s FOR UPDATE"  # noqa: S608 - of a constant
INSERT_ENDPOINT = """
    INSERT INTO webhook_endpoints (id, chain_id, stores, url, types, description, guest, status, created_at, hears_from)
    VALUES (%(id)s, %(chain)s, %(stores)s, %(url)s, %(types)s, %(description)s, %(guest)s, 'enabled', %(now)s,
        %(now)s)"""
UPDATE_SETTINGS = """
    UPDATE webhook_endpoints
    SET stores = %(stores)s, url = %(url)s, types = %(types)s, description = %(description)s, guest = %(guest)s,
        status = %(status)s, reason = %(reason)s, hears_from = %(hears_from)s, failing_since = %(failing_since)s,
        failures = %(failures)s, paused_until = %(paused_until)s, sequence = %(sequence)s, revision = revision + 1
    WHERE id = %(id)s"""
UPDATE_HEALTH = """
    UPDATE webhook_endpoints
    SET status = %(status)s, reason = %(reason)s, failing_since = %(failing_since)s, failures = %(failures)s,
        paused_until = %(paused_until)s, sequence = %(sequence)s
    WHERE id = %(id)s"""
UPDATE_HEALTHY = """
    UPDATE webhook_endpoints SET failing_since = NULL, failures = 0, paused_until = NULL
    WHERE id = %(id)s AND failures > 0"""
UPDATE_SEQUENCE = "UPDATE webhook_endpoints SET sequence = %(sequence)s WHERE id = %(id)s"
DELETE_ENDPOINT = "DELETE FROM webhook_endpoints WHERE id = %(id)s"
DELETE_SECRETS = "DELETE FROM webhook_secrets WHERE endpoint_id = %(id)s"
INSERT_SECRET = """
    INSERT INTO webhook_secrets (endpoint_id, created_at, encrypted) VALUES (%(id)s, %(now)s, %(encrypted)s)"""  # noqa: S105 - SQL
# The secret in use ends at the end of the grace period. One that was replaced before may end earlier.
EXPIRE_SECRETS = """
    UPDATE webhook_secrets SET expires_at = %(expires_at)s
    WHERE endpoint_id = %(id)s AND (expires_at IS NULL OR expires_at > %(expires_at)s)"""
DELETE_EXPIRED_SECRETS = "DELETE FROM webhook_secrets WHERE endpoint_id = %(id)s AND expires_at <= %(now)s"
SELECT_SECRETS = """
    SELECT endpoint_id, encrypted, expires_at FROM webhook_secrets WHERE endpoint_id IN %(ids)s
    ORDER BY endpoint_id, created_at DESC"""
COUNT_SECRETS = "SELECT COUNT(*) AS secrets FROM webhook_secrets WHERE endpoint_id = %(id)s"


@dataclass(frozen=True)
class Endpoint:
    """An endpoint of a chain. `stores` is empty for all stores. `failures` counts those since the last success.

    It gets messages that occurred at `hears_from` or later, and no try before `paused_until`.
    """

    id: str
    chain: str
    stores: list[str]
    url: str
    types: list[str]
    description: str
    guest: bool
    status: EndpointStatus
    reason: DisabledReason | None
    created_at: datetime
    hears_from: datetime
    failing_since: datetime | None
    failures: int
    paused_until: datetime | None
    revision: int
    sequence: int


@dataclass(frozen=True)
class StoredSecret:
    """A secret of an endpoint, encrypted under the keyring; without `expires_at` it is the one in use."""

    endpoint_id: str
    encrypted: bytes = field(repr=False)
    expires_at: datetime | None


def read_endpoints(transaction: Transaction, ids: Collection[str]) -> dict[str, Endpoint]:
    """The endpoints with these ids that exist, by id."""
    rows = transaction.rows(SELECT_BY_IDS, {"ids": tuple(ids)}) if ids else []
    return {row["id"]: _endpoint(row) for row in rows}


def read_enabled_endpoints(transaction: Transaction, chains: Collection[str]) -> list[Endpoint]:
    """The enabled endpoints of these chains."""
    rows = transaction.rows(SELECT_ENABLED, {"chains": tuple(chains)}) if chains else []
    return [_endpoint(row) for row in rows]


def read_endpoints_of_chain(transaction: Transaction, chain: str) -> list[Endpoint]:
    """All endpoints of a chain, the oldest first."""
    return [_endpoint(row) for row in transaction.rows(SELECT_OF_CHAIN, {"chain": chain})]


def lock_endpoint(transaction: Transaction, endpoint_id: str) -> Endpoint | None:
    """The endpoint, locked until the end of the transaction."""
    row = transaction.row(LOCK_ENDPOINT, {"id": endpoint_id})
    return _endpoint(row) if row else None


def insert_endpoint(transaction: Transaction, endpoint: Endpoint) -> None:
    """Store a new endpoint."""
    transaction.execute(INSERT_ENDPOINT, _values(endpoint) | {"now": endpoint.created_at})


def update_settings(transaction: Transaction, endpoint: Endpoint) -> None:
    """Store a changed endpoint; its revision grows."""
    transaction.execute(UPDATE_SETTINGS, _values(endpoint))


def update_health(transaction: Transaction, endpoint: Endpoint) -> None:
    """Store the failures, the pause and the status of a locked endpoint."""
    transaction.execute(UPDATE_HEALTH, _values(endpoint))


def update_healthy(transaction: Transaction, endpoint_id: str) -> None:
    """A request succeeded: no failure counts any more."""
    transaction.execute(UPDATE_HEALTHY, {"id": endpoint_id})


def update_sequence(transaction: Transaction, endpoint_id: str, sequence: int) -> None:
    """Store the number of the last message about a locked endpoint."""
    transaction.execute(UPDATE_SEQUENCE, {"id": endpoint_id, "sequence": sequence})


def delete_endpoint(transaction: Transaction, endpoint_id: str) -> None:
    """Delete the endpoint and its secrets. The timer deletes its deliveries."""
    transaction.execute(DELETE_ENDPOINT, {"id": endpoint_id})
    transaction.execute(DELETE_SECRETS, {"id": endpoint_id})


def insert_secret(transaction: Transaction, endpoint_id: str, encrypted: bytes, now: datetime) -> None:
    """Store a secret that is good until it is replaced."""
    transaction.execute(INSERT_SECRET, {"id": endpoint_id, "now": now, "encrypted": encrypted})


def update_secrets_ending(transaction: Transaction, endpoint_id: str, expires_at: datetime, now: datetime) -> None:
    """End all secrets at `expires_at`, and delete those that have ended."""
    values = {"id": endpoint_id, "expires_at": expires_at, "now": now}
    transaction.execute(EXPIRE_SECRETS, values)
    transaction.execute(DELETE_EXPIRED_SECRETS, values)


def count_secrets(transaction: Transaction, endpoint_id: str) -> int:
    """The number of stored secrets of an endpoint."""
    row = transaction.row(COUNT_SECRETS, {"id": endpoint_id})
    assert row is not None  # an aggregate without GROUP BY has one row
    return int(row["secrets"])


def read_secrets(transaction: Transaction, ids: Collection[str]) -> dict[str, list[StoredSecret]]:
    """The secrets of endpoints by endpoint, the newest first."""
    secrets: dict[str, list[StoredSecret]] = defaultdict(list)
    for row in transaction.rows(SELECT_SECRETS, {"ids": tuple(ids)}) if ids else []:
        expires_at = row["expires_at"] and row["expires_at"].replace(tzinfo=UTC)
        secrets[row["endpoint_id"]].append(StoredSecret(row["endpoint_id"], bytes(row["encrypted"]), expires_at))
    return secrets


def _values(endpoint: Endpoint) -> dict[str, Any]:
    lists = {"stores": json.dumps(endpoint.stores), "types": json.dumps(endpoint.types)}
    return vars(endpoint) | lists


def _endpoint(row: Row) -> Endpoint:
    times = {
        name: row[name] and row[name].replace(tzinfo=UTC)
        for name in ("created_at", "hears_from", "failing_since", "paused_until")
    }
    lists = {name: json.loads(row[name]) for name in ("stores", "types")}
    values = row | times | lists | {"chain": row["chain_id"], "guest": bool(row["guest"])}
    del values["chain_id"]
    reason = DisabledReason(row["reason"]) if row["reason"] else None
    return Endpoint(**values | {"status": EndpointStatus(row["status"]), "reason": reason})
