"""The signing keys of endpoints, decrypted, and remembered for a minute."""

from collections.abc import Sequence
from datetime import datetime

from cryptography.fernet import InvalidToken

from functions.webhooks.tables.endpoints import Endpoint, StoredSecret, read_secrets
from shared.kit.cache import Cache
from shared.spine.auth import cipher
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured

_Key = tuple[bytes, datetime | None]

# A rotation changes the endpoint's revision, which is part of the name.
_keys: Cache[list[_Key]] = Cache(seconds=60)


def signing_keys(env: Environment, endpoints: Sequence[Endpoint]) -> dict[str, list[bytes]]:
    """The keys of each endpoint that are good now, the newest first. Raises `Misconfigured`."""
    unknown = [endpoint for endpoint in endpoints if _keys.get(env, _name(endpoint)) is None]
    if unknown:
        _read(env, unknown)
    now = env.clock()
    return {
        endpoint.id: [
            key for key, expires_at in _keys.last(env, _name(endpoint)) or () if expires_at is None or expires_at > now
        ]
        for endpoint in endpoints
    }


def _name(endpoint: Endpoint) -> str:
    return f"{endpoint.id} {endpoint.revision}"


def _read(env: Environment, endpoints: Sequence[Endpoint]) -> None:
    with env.db.transaction() as transaction:
        secrets = read_secrets(transaction, [endpoint.id for endpoint in endpoints])
    for endpoint in endpoints:
        _keys.put(env, _name(endpoint), [_decrypted(env, secret) for secret in secrets.get(endpoint.id, ())])


def _decrypted(env: Environment, secret: StoredSecret) -> _Key:
    try:
        return cipher(env.keyring()).decrypt(secret.encrypted), secret.expires_at
    except InvalidToken:
        detail = f"the key of a secret of {secret.endpoint_id} is not in the key ring"
        raise Misconfigured("keyring_incomplete", detail) from None
