"""The idempotency key of a request."""

import hashlib

from werkzeug.wrappers import Request

from shared.spine.auth import Client
from shared.spine.errors import Rejected
from shared.spine.idempotency import Key

LONGEST_KEY = 255


def key_of(request: Request, client: Client, signature: bytes, hash_: bytes) -> Key:
    """The key of a mutation. A token and a cookie sign nothing, so the key stands in place of the signature."""
    if client.token is None and client.person is None:
        return Key(client.id, _idempotency_key(request, signature), signature, hash_)
    if "Idempotency-Key" not in request.headers:
        raise Rejected("key_missing", "a request without a signature needs an Idempotency-Key")
    key = _idempotency_key(request, b"")
    owner = client.token.key_owner if client.token else client.id
    return Key(owner, key, hashlib.sha256(key.encode()).digest(), hash_)


def _idempotency_key(request: Request, signature: bytes) -> str:
    """The caller's key, or the signature without one. So a request that a stranger sends again has no effect."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return f"signature {signature.hex()}"
    if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Rejected("key_malformed", "Idempotency-Key takes 1 to 255 printable ASCII characters")
    return key
