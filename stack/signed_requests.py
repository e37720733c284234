"""Signed requests to the HTTP API, as docs/api/signing.md tells any caller to make them."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

EPOCH_HEADER = "Dumbwaiter-Epoch"
SCHEME = "DUMBWAITER-HMAC-SHA256"


class RegionSuperseded(Exception):
    """The region was failed over: its epoch is lower than the highest that the caller has seen."""


class Caller:
    """An API client: its key, and one kept-alive connection to `base`, the address before /v1.

    `epoch` is the highest that any reply had. It goes with each request, and a reply with a lower one is refused.
    """

    def __init__(self, base: str, key: Mapping[str, str], timeout: float = 120) -> None:
        self.base = base.rstrip("/")
        self.key = key
        self.http = httpx.Client(timeout=timeout, trust_env=False)
        self.epoch = 0

    def __call__(
        self, method: str, target: str, body: Any = None, *, key: str | None = None, headers: Mapping[str, str] = {}
    ) -> httpx.Response:
        """Send `body` as JSON (bytes as they are); `key` is the Idempotency-Key. Raises `RegionSuperseded`."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        signed = signed_headers(self.key, method, target, content)
        if content:
            signed["Content-Type"] = "application/json"
        if key is not None:
            signed["Idempotency-Key"] = key
        signed[EPOCH_HEADER] = str(self.epoch)
        reply = self.http.request(method, self.base + target, content=content, headers=signed | dict(headers))
        epoch = int(reply.headers.get(EPOCH_HEADER, self.epoch))
        if epoch < self.epoch:
            raise RegionSuperseded(f"{self.base} has epoch {epoch}, and epoch {self.epoch} was seen")
        self.epoch = epoch
        return reply


def signed_headers(
    key: Mapping[str, str], method: str, target: str, body: bytes, at: int | str | None = None
) -> dict[str, str]:
    """Authorization and X-Dumbwaiter-Time for `target`, a path from /v1 on with its query."""
    parts = urlsplit(target)
    timestamp = f"{time.time():.3f}" if at is None else str(at)
    query = sorted((quote(n, safe=""), quote(v, safe="")) for n, v in parse_qsl(parts.query, keep_blank_values=True))
    lines = [
        method,
        parts.path,
        "&".join(f"{name}={value}" for name, value in query),
        hashlib.sha256(body).hexdigest(),
        timestamp,
    ]
    signature = hmac.new(key["secret"].encode(), "\n".join(lines).encode(), "sha256").hexdigest()
    return {"Authorization": f"{SCHEME} Credential={key['id']}, Signature={signature}", "X-Dumbwaiter-Time": timestamp}
