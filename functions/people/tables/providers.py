"""SQL of the tables `identity_providers`, `provider_identities` and `provider_sign_ins`."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.spine.db import Transaction

LASTS = timedelta(minutes=10)

SELECT_PROVIDER = """
    SELECT chain_id, issuer, client, encrypted, redirect_uri, metadata, signing_keys, read_at FROM identity_providers
    WHERE chain_id = %(chain)s"""
REPLACE_PROVIDER = """
    INSERT INTO identity_providers (chain_id, issuer, client, encrypted, redirect_uri)
    VALUES (%(chain)s, %(issuer)s, %(client)s, %(encrypted)s, %(redirect_uri)s)
    ON DUPLICATE KEY UPDATE issuer = VALUES(issuer), client = VALUES(client), encrypted = VALUES(encrypted),
        redirect_uri = VALUES(redirect_uri), metadata = NULL, signing_keys = NULL, read_at = NULL"""
UPDATE_READ = """
    UPDATE identity_providers
    SET metadata = %(metadata)s, signing_keys = %(signing_keys)s, read_at = %(read_at)s
    WHERE chain_id = %(chain)s AND issuer = %(issuer)s"""
DELETE_PROVIDER = "DELETE FROM identity_providers WHERE chain_id = %(chain)s"
DELETE_IDENTITIES = "DELETE FROM provider_identities WHERE chain_id = %(chain)s"
SELECT_IDENTITY = """
    SELECT person_id FROM provider_identities WHERE chain_id = %(chain)s AND identity_hash = %(identity_hash)s"""
INSERT_IDENTITY = """
    INSERT INTO provider_identities (chain_id, identity_hash, person_id)
    VALUES (%(chain)s, %(identity_hash)s, %(person)s)"""
INSERT_SIGN_IN = """
    INSERT INTO provider_sign_ins (state_hash, chain_id, expires_at)
    VALUES (%(state_hash)s, %(chain)s, %(expires_at)s)"""
SELECT_SIGN_IN = "SELECT chain_id, expires_at FROM provider_sign_ins WHERE state_hash = %(state_hash)s FOR UPDATE"
DELETE_SIGN_IN = "DELETE FROM provider_sign_ins WHERE state_hash = %(state_hash)s"
DELETE_OLD_SIGN_INS = "DELETE FROM provider_sign_ins WHERE expires_at < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class Provider:
    """The OpenID provider of a chain. `encrypted` is the client's secret; the rest was read from the provider."""

    chain: str
    issuer: str
    client: str
    encrypted: bytes = field(repr=False)
    redirect_uri: str
    metadata: dict[str, Any] | None = None
    signing_keys: dict[str, Any] | None = None
    read_at: datetime | None = None


def read_provider(transaction: Transaction, chain: str) -> Provider | None:
    """The provider of a chain."""
    row = transaction.row(SELECT_PROVIDER, {"chain": chain})
    if row is None:
        return None
    return Provider(
        row["chain_id"],
        row["issuer"],
        row["client"],
        bytes(row["encrypted"]),
        row["redirect_uri"],
        json.loads(row["metadata"]) if row["metadata"] else None,
        json.loads(row["signing_keys"]) if row["signing_keys"] else None,
        row["read_at"].replace(tzinfo=UTC) if row["read_at"] else None,
    )


def replace_provider(transaction: Transaction, provider: Provider) -> None:
    """Store the provider. Of another issuer all identities are other ones."""
    before = read_provider(transaction, provider.chain)
    if before is not None and before.issuer != provider.issuer:
        transaction.execute(DELETE_IDENTITIES, {"chain": provider.chain})
    names = ("chain", "issuer", "client", "encrypted", "redirect_uri")
    transaction.execute(REPLACE_PROVIDER, {name: getattr(provider, name) for name in names})


def update_read(transaction: Transaction, provider: Provider) -> None:
    """Store what was read from the provider."""
    texts = {"metadata": json.dumps(provider.metadata), "signing_keys": json.dumps(provider.signing_keys)}
    transaction.execute(UPDATE_READ, vars(provider) | texts)


def delete_provider(transaction: Transaction, chain: str) -> bool:
    """Delete the provider with all identities. Whether there was one."""
    transaction.execute(DELETE_IDENTITIES, {"chain": chain})
    return transaction.execute(DELETE_PROVIDER, {"chain": chain}) > 0


def read_identity(transaction: Transaction, chain: str, subject: str) -> str | None:
    """The person of the chain who has this identity at the provider."""
    row = transaction.row(SELECT_IDENTITY, {"chain": chain, "identity_hash": _hash(subject)})
    return row["person_id"] if row else None


def insert_identity(transaction: Transaction, chain: str, subject: str, person: str) -> None:
    """The identity is the person's from now on."""
    transaction.execute(INSERT_IDENTITY, {"chain": chain, "identity_hash": _hash(subject), "person": person})


def insert_sign_in(transaction: Transaction, state: str, chain: str, now: datetime) -> None:
    """A sign-in has begun."""
    values = {"state_hash": _hash(state), "chain": chain, "expires_at": now + LASTS}
    transaction.execute(INSERT_SIGN_IN, values)


def take_sign_in(transaction: Transaction, state: str, now: datetime) -> str | None:
    """The chain of a sign-in that has begun. It ends by this: a state is good once."""
    values = {"state_hash": _hash(state)}
    row = transaction.row(SELECT_SIGN_IN, values)
    if row is None:
        return None
    transaction.execute(DELETE_SIGN_IN, values)
    return row["chain_id"] if now < row["expires_at"].replace(tzinfo=UTC) else None


def delete_old_sign_ins(transaction: Transaction, before: datetime) -> int:
    """Delete sign-ins that were not ended, at most a thousand. How many there were."""
    return transaction.execute(DELETE_OLD_SIGN_INS, {"before": before})


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
