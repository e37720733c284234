"""The signature of a request, by docs/api/signing.md."""

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import quote

SCHEME = "DUMBWAITER-HMAC-SHA256"


def encoded_query(query: Sequence[tuple[str, str]]) -> str:
    """The query as it is sent and signed: percent-encoded pairs, sorted by name and value."""
    pairs = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in query)
    return "&".join(f"{name}={value}" for name, value in pairs)


def signature_headers(
    key_id: str, secret: str, method: str, path: str, query: str, body: bytes, timestamp: str
) -> dict[str, str]:
    """The two headers of a request. `path` and `query` are encoded, `timestamp` is in Unix seconds."""
    text = "\n".join([method, path, query, hashlib.sha256(body).hexdigest(), timestamp])
    signature = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    return {"Authorization": f"{SCHEME} Credential={key_id}, Signature={signature}", "X-Dumbwaiter-Time": timestamp}
