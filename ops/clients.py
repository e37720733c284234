"""The table of API clients: keys with their grants, sources and encrypted secrets.

A secret is shown once, when it is made. Rotation leaves the old one valid for the overlap. `reencrypt` puts every
encrypted secret under the keyring's first key. Identities of members keep their key.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ops.migrate import open_database
from shared.spine.api_clients import (
    OVERLAP,
    expire_secrets,
    insert_client,
    insert_secret,
    new_client,
    revoke_client,
)
from shared.spine.auth import cipher
from shared.spine.db import Transaction
from shared.spine.exchange import Exchange
from shared.spine.rights import Binding


class Encrypted(NamedTuple):
    """A column that is encrypted under the keyring, and the key of its table."""

    table: str
    column: str
    keys: tuple[str, ...]


# Members are looked up by an HMAC under a key of the ring, so that to encrypt their identities anew would not make the
# old key needless.
ENCRYPTED = (
    Encrypted("api_client_secrets", "encrypted", ("client_id", "created_at")),
    Encrypted("deliveries", "link_encrypted", ("id",)),
    Encrypted("delivery_fleets", "credentials", ("fleet_key",)),
    Encrypted("delivery_fleets", "token", ("fleet_key",)),
    Encrypted("guest_contacts", "subscription", ("contact_id",)),
    Encrypted("identity_providers", "encrypted", ("chain_id",)),
    Encrypted("inbox_devices", "subscription_encrypted", ("id",)),
    Encrypted("outlet_robots", "credentials", ("robot_key",)),
    Encrypted("outlet_robots", "token", ("robot_key",)),
    Encrypted("person_factors", "encrypted", ("person_id",)),
    Encrypted("print_agents", "encrypted", ("id",)),
    Encrypted("push_servers", "key_encrypted", ("id",)),
    Encrypted("secret_replies", "encrypted", ("client_id", "idempotency_key")),
    Encrypted("sync_systems", "credentials", ("system_key",)),
    Encrypted("webhook_secrets", "encrypted", ("endpoint_id", "created_at")),
)
SELECT_BY_NAME = """
    SELECT c.id, s.encrypted FROM api_clients c JOIN api_client_secrets s ON s.client_id = c.id
    WHERE c.name = %s AND c.revoked_at IS NULL ORDER BY s.created_at DESC LIMIT 1"""
BIND = "UPDATE api_clients SET sources = %s WHERE id = %s"
HAS_CLIENT = "SELECT id FROM api_clients WHERE id = %s AND revoked_at IS NULL"
LIST = """
    SELECT id, name, grants, sources, requests_per_second, created_at, revoked_at FROM api_clients
    ORDER BY created_at"""


class Clients:
    """The table of API clients, and the keyring that their secrets are encrypted with."""

    def __init__(self, database_url: str, keyring: list[str]) -> None:
        self._connection = open_database(database_url)
        # Each statement commits by itself.
        self._transaction = Transaction(Exchange(self._connection))
        self._keyring = keyring
        self._cipher = cipher(keyring)

    def create(
        self, name: str, grants: Sequence[str], requests_per_second: int = 50, sources: Sequence[str] = ()
    ) -> dict[str, str]:
        """A new client: {"id", "secret"}. Raises ValueError for what is no grant or source, or lacks one."""
        now = datetime.now(UTC)
        client = new_client(name, grants, sources, requests_per_second, now)
        insert_client(self._transaction, client)
        return {"id": client.id, "secret": insert_secret(self._transaction, client.id, self._keyring, now)}

    def bind(self, client_id: str, sources: Sequence[str]) -> None:
        """These are its sources from now on, everywhere within a minute. Raises ValueError, LookupError."""
        for source in sources:
            Binding.parse(source)
        with self._connection.cursor() as cursor:
            if not cursor.execute(HAS_CLIENT, (client_id,)):
                raise LookupError(f"no client {client_id}")
            cursor.execute(BIND, (json.dumps(sources), client_id))

    def rotate(self, client_id: str, overlap: timedelta = OVERLAP) -> dict[str, str]:
        """A new secret; the ones before are good for the overlap. Raises LookupError."""
        now = datetime.now(UTC)
        if not expire_secrets(self._transaction, client_id, now + overlap):
            raise LookupError(f"no client {client_id}")
        return {"id": client_id, "secret": insert_secret(self._transaction, client_id, self._keyring, now)}

    def revoke(self, client_id: str) -> bool:
        """Whether there was such a client; it is refused everywhere within a minute."""
        return revoke_client(self._transaction, client_id, datetime.now(UTC))

    def reencrypt(self) -> int:
        """Put what is encrypted under the first key of the keyring, but for members; how many secrets that were."""
        return sum(self._reencrypt(encrypted) for encrypted in ENCRYPTED)

    def _reencrypt(self, place: Encrypted) -> int:
        """A value that a function changes meanwhile stays as the function wrote it: under the first key."""
        table, column, keys = place
        select = f"SELECT {column}, {', '.join(keys)} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - of constants
        same = " AND ".join(f"{key} = %s" for key in keys)
        update = f"UPDATE {table} SET {column} = %s WHERE {same} AND {column} = %s"  # noqa: S608 - of constants
        with self._connection.cursor() as cursor:
            cursor.execute(select)
            rows = cursor.fetchall()
            for encrypted, *key in rows:
                cursor.execute(update, (self._cipher.rotate(bytes(encrypted)), *key, encrypted))
        return len(rows)

    def known(self, name: str) -> dict[str, str] | None:
        """The client of that name with its newest secret, for demo keys that outlive a restart."""
        with self._connection.cursor() as cursor:
            cursor.execute(SELECT_BY_NAME, (name,))
            row = cursor.fetchone()
        return {"id": row[0], "secret": self._cipher.decrypt(bytes(row[1])).decode()} if row else None

    def list(self) -> list[tuple[Any, ...]]:
        """id, name, grants, sources, requests_per_second, created_at, revoked_at."""
        with self._connection.cursor() as cursor:
            cursor.execute(LIST)
            return list(cursor.fetchall())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
