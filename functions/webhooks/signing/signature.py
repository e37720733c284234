"""Secrets and signatures by Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks, spec)."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
# The specification asks for 24 to 64 bytes.
SECRET_BYTES = 32


def new_secret() -> bytes:
    """A random secret of 32 bytes."""
    return secrets.token_bytes(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """The secret as integrators store it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secret).decode()


def signed_headers(message_id: str, body: bytes, keys: Sequence[bytes], now: datetime) -> dict[str, str]:
    """The three headers of the specification. With several keys each has its signature, the newest first."""
    timestamp = str(int(now.timestamp()))
    content = b".".join([message_id.encode(), timestamp.encode(), body])
    signatures = [base64.b64encode(hmac.digest(key, content, "sha256")).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
