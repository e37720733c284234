"""SQL of the table `sync_systems`: outside systems with their credentials, circuit breaker and writer."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.contracts.ids import split_key, store_key
from shared.spine.db import Row, Transaction

COLUMNS = """system_key, chain_id, kind, url, settings, credentials, enabled, revision, sequence, failures, failure,
    open_until, created_at"""
SELECT_SYSTEM = f"SELECT {COLUMNS} FROM sync_systems WHERE system_key = %(system)s"  # noqa: S608 - of a constant
LOCK_SYSTEM = f"{SELECT_SYSTEM} FOR UPDATE"
SELECT_OF_CHAINS = f"""
    SELECT {COLUMNS} FROM sync_systems WHERE chain_id IN %(chains)s ORDER BY system_key"""  # noqa: S608 - of a constant
INSERT_SYSTEM = """
    INSERT INTO sync_systems (system_key, chain_id, kind, url, settings, credentials, enabled, revision, created_at)
    VALUES (%(system)s, %(chain)s, %(kind)s, %(url)s, %(settings)s, %(credentials)s, %(enabled)s, 1, %(now)s)"""
UPDATE_SYSTEM = """
    UPDATE sync_systems
    SET url = %(url)s, settings = %(settings)s, credentials = %(credentials)s, enabled = %(enabled)s,
        revision = revision + 1, failures = 0, failure = NULL, open_until = NULL
    WHERE system_key = %(system)s"""
# A worker gets the right to write when nobody has it, or when the lease of the last worker has ended.
TAKE_WRITER = """
    UPDATE sync_systems SET writer_token = %(token)s, writer_until = %(until)s
    WHERE system_key = %(system)s AND enabled = 1 AND (open_until IS NULL OR open_until <= %(now)s)
        AND (writer_until IS NULL OR writer_until <= %(now)s OR writer_token = %(token)s)"""
RELEASE_WRITER = """
    UPDATE sync_systems SET writer_token = NULL, writer_until = NULL
    WHERE system_key = %(system)s AND writer_token = %(token)s"""
UPDATE_HEALTH = """
    UPDATE sync_systems SET failures = %(failures)s, failure = %(failure)s, open_until = %(open_until)s
    WHERE system_key = %(system)s"""
UPDATE_SEQUENCE = "UPDATE sync_systems SET sequence = %(sequence)s WHERE system_key = %(system)s"


@dataclass(frozen=True)
class System:
    """An outside system of a chain. `credentials` are encrypted. `failures` counts those since the last success."""

    key: str
    kind: str
    url: str
    settings: dict[str, Any]
    credentials: bytes = field(repr=False)
    enabled: bool
    revision: int
    sequence: int
    failures: int
    failure: str | None
    open_until: datetime | None
    created_at: datetime

    @property
    def chain(self) -> str:
        """The chain that it belongs to."""
        return split_key(self.key)[0]

    @property
    def id(self) -> str:
        """Its name within the chain."""
        return split_key(self.key)[1]


def system_key(chain: str, system: str) -> str:
    """The key of a chain's system: `demo:erp`."""
    return store_key(chain, system)


def read_system(transaction: Transaction, key: str) -> System | None:
    """One system."""
    row = transaction.row(SELECT_SYSTEM, {"system": key})
    return _system(row) if row else None


def lock_system(transaction: Transaction, key: str) -> System | None:
    """One system, locked until the end of the transaction."""
    row = transaction.row(LOCK_SYSTEM, {"system": key})
    return _system(row) if row else None


def read_systems(transaction: Transaction, chains: Collection[str]) -> list[System]:
    """The systems of these chains."""
    return [_system(row) for row in transaction.rows(SELECT_OF_CHAINS, {"chains": tuple(chains)})] if chains else []


def insert_system(transaction: Transaction, system: System) -> None:
    """Store a new system. Raises `Duplicate`."""
    transaction.execute(INSERT_SYSTEM, _values(system) | {"chain": system.chain, "now": system.created_at})


def update_system(transaction: Transaction, system: System) -> None:
    """Store the settings of a locked system. Its circuit breaker is closed by it."""
    transaction.execute(UPDATE_SYSTEM, _values(system))


def update_writer(transaction: Transaction, key: str, token: int, now: datetime, until: datetime) -> bool:
    """Take or keep the right to write. False while another worker has it, or while nothing may be sent."""
    return transaction.execute(TAKE_WRITER, {"system": key, "token": token, "now": now, "until": until}) > 0


def update_writer_released(transaction: Transaction, key: str, token: int) -> None:
    """Another worker may write at once."""
    transaction.execute(RELEASE_WRITER, {"system": key, "token": token})


def update_health(
    transaction: Transaction, key: str, failures: int, failure: str | None, open_until: datetime | None
) -> None:
    """Store the state of the circuit breaker."""
    values = {"system": key, "failures": failures, "failure": failure, "open_until": open_until}
    transaction.execute(UPDATE_HEALTH, values)


def update_sequence(transaction: Transaction, key: str, sequence: int) -> None:
    """Store the number of the last message about the system."""
    transaction.execute(UPDATE_SEQUENCE, {"system": key, "sequence": sequence})


def _values(system: System) -> dict[str, object]:
    return {
        "system": system.key,
        "kind": system.kind,
        "url": system.url,
        "settings": json.dumps(system.settings),
        "credentials": system.credentials,
        "enabled": system.enabled,
    }


def _system(row: Row) -> System:
    return System(
        row["system_key"],
        row["kind"],
        row["url"],
        json.loads(row["settings"]),
        bytes(row["credentials"]),
        bool(row["enabled"]),
        row["revision"],
        row["sequence"],
        row["failures"],
        row["failure"],
        row["open_until"] and row["open_until"].replace(tzinfo=UTC),
        row["created_at"].replace(tzinfo=UTC),
    )
