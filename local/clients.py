"""API clients, by hand: `python -m local.clients list | create NAME GRANT… | rotate ID | revoke ID | reencrypt`.

Works on the stack of this machine, or on the database and keyring that DATABASE_URL and KEYRING (its JSON) name.
A secret is shown once, when it is made. Rotation leaves the old one good for the overlap. `reencrypt` puts what the
keyring encrypts under its first key: secrets of clients, keys of print agents, kept replies. Members' identities stay.
"""

import argparse
import json
import os
import secrets
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pymysql

from local.keys import keys
from local.mariadb import CannotStart
from local.migrate import open_database
from local.place import ROOT, place
from shared.auth import RIGHTS, Grant, cipher

OVERLAP = timedelta(days=7)

INSERT_CLIENT = """
    INSERT INTO api_clients (id, name, grants, requests_per_second, created_at) VALUES (%s, %s, %s, %s, %s)"""
INSERT_SECRET = """
    INSERT INTO api_client_secrets (client_id, created_at, encrypted) VALUES (%s, %s, %s)"""  # noqa: S105 - SQL
EXPIRE_SECRETS = """
    UPDATE api_client_secrets SET expires_at = %s WHERE client_id = %s AND (expires_at IS NULL OR expires_at > %s)"""
# What is encrypted, with its key, and the change of it. Members are looked up by an HMAC under a key of the ring, so
# that to encrypt their identities anew would not make the old key needless.
REENCRYPT = {
    "SELECT encrypted, client_id, created_at FROM api_client_secrets": (
        "UPDATE api_client_secrets SET encrypted = %s WHERE client_id = %s AND created_at = %s"
    ),
    "SELECT encrypted, id FROM print_agents": "UPDATE print_agents SET encrypted = %s WHERE id = %s",
    "SELECT encrypted, client_id, idempotency_key FROM secret_replies": (
        "UPDATE secret_replies SET encrypted = %s WHERE client_id = %s AND idempotency_key = %s"
    ),
}
REVOKE = "UPDATE api_clients SET revoked_at = %s WHERE id = %s AND revoked_at IS NULL"
SELECT_BY_NAME = """
    SELECT c.id, s.encrypted FROM api_clients c JOIN api_client_secrets s ON s.client_id = c.id
    WHERE c.name = %s AND c.revoked_at IS NULL ORDER BY s.created_at DESC LIMIT 1"""
LIST = "SELECT id, name, grants, requests_per_second, created_at, revoked_at FROM api_clients ORDER BY created_at"


class Clients:
    """The table of API clients, and the keyring that their secrets are encrypted with."""

    def __init__(self, database_url: str, keyring: list[str]) -> None:
        self._connection = open_database(database_url)
        self._cipher = cipher(keyring)

    def create(self, name: str, grants: list[str], requests_per_second: int = 50) -> dict[str, str]:
        """A new client: {"id", "secret"}. Raises ValueError for what is no grant."""
        for grant in grants:
            if (right := Grant.parse(grant).right) not in RIGHTS:
                raise ValueError(f"there is no right {right}; there are {', '.join(sorted(RIGHTS))}")
        if requests_per_second < 1:
            raise ValueError("a client may make at least one request a second")
        client_id, now = f"k{secrets.token_hex(8)}", datetime.now(UTC)
        with self._connection.cursor() as cursor:
            cursor.execute(INSERT_CLIENT, (client_id, name, json.dumps(grants), requests_per_second, now))
        return {"id": client_id, "secret": self._new_secret(client_id, now)}

    def rotate(self, client_id: str, overlap: timedelta = OVERLAP) -> dict[str, str]:
        """A new secret; the ones before are good for the overlap. Raises LookupError."""
        now = datetime.now(UTC)
        with self._connection.cursor() as cursor:
            if not cursor.execute(EXPIRE_SECRETS, (now + overlap, client_id, now + overlap)):
                raise LookupError(f"no client {client_id}")
        return {"id": client_id, "secret": self._new_secret(client_id, now)}

    def revoke(self, client_id: str) -> bool:
        """Whether there was such a client; it is refused everywhere within a minute."""
        with self._connection.cursor() as cursor:
            return bool(cursor.execute(REVOKE, (datetime.now(UTC), client_id)))

    def reencrypt(self) -> int:
        """Put what is encrypted under the first key of the keyring, but for members; how many secrets that were."""
        return sum(self._reencrypt(select, change) for select, change in REENCRYPT.items())

    def _reencrypt(self, select: str, change: str) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(select)
            rows = cursor.fetchall()
            for encrypted, *key in rows:
                cursor.execute(change, (self._cipher.rotate(bytes(encrypted)), *key))
        return len(rows)

    def known(self, name: str) -> dict[str, str] | None:
        """The client of that name with its newest secret, for demo keys that outlive a restart."""
        with self._connection.cursor() as cursor:
            cursor.execute(SELECT_BY_NAME, (name,))
            found = cursor.fetchone()
        return {"id": found[0], "secret": self._cipher.decrypt(bytes(found[1])).decode()} if found else None

    def list(self) -> list[tuple[Any, ...]]:
        """id, name, grants, requests_per_second, created_at, revoked_at."""
        with self._connection.cursor() as cursor:
            cursor.execute(LIST)
            return list(cursor.fetchall())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _new_secret(self, client_id: str, now: datetime) -> str:
        secret = secrets.token_urlsafe(32)
        with self._connection.cursor() as cursor:
            cursor.execute(INSERT_SECRET, (client_id, now, self._cipher.encrypt(secret.encode())))
        return secret


def _given() -> tuple[str, list[str]]:
    if "DATABASE_URL" in os.environ:
        if "KEYRING" not in os.environ:
            raise CannotStart("DATABASE_URL takes KEYRING beside it: the JSON of the keyring's secret.")
        return os.environ["DATABASE_URL"], json.loads(os.environ["KEYRING"])["keys"]
    return place().database.url, keys(ROOT).keyring


def main() -> None:
    """The command."""
    rights = ", ".join(sorted(RIGHTS))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    commands.add_parser("reencrypt")
    create = commands.add_parser("create")
    create.add_argument("name")
    create.add_argument(
        "grant",
        nargs="+",
        help=f"right@chain:CHAIN, right@region:CHAIN:REGION or right@store:CHAIN:STORE; rights: {rights}",
    )
    create.add_argument("--rate", type=int, default=50, help="requests a second")
    for name in ("rotate", "revoke"):
        commands.add_parser(name).add_argument("id")
    given = parser.parse_args()
    try:
        clients = Clients(*_given())
    except (CannotStart, pymysql.Error, KeyError, ValueError) as failure:
        sys.exit(f"Cannot use the database or the keyring: {failure}")
    try:
        if given.command == "list":
            for row in clients.list():
                print(*row, sep="  ")
        elif given.command == "reencrypt":
            print(f"{clients.reencrypt()} secrets are under the first key now")
        elif given.command == "create":
            print(json.dumps(clients.create(given.name, given.grant, given.rate)))
        elif given.command == "rotate":
            print(json.dumps(clients.rotate(given.id)))
        elif not clients.revoke(given.id):
            sys.exit(f"no client {given.id}")
    except (ValueError, LookupError) as failure:
        sys.exit(str(failure))
    finally:
        clients.close()


if __name__ == "__main__":
    main()
