"""How the fleets sign: from their public descriptions, apart from the product's own code."""

import hashlib
import hmac
from collections.abc import Mapping


def uber(key: str, body: bytes) -> str:
    """Uber's header x-uber-signature: HMAC-SHA256 of the raw body with the webhook's signing key, as hex."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def meituan(secret: str, fields: Mapping[str, object]) -> str:
    """Meituan's field sign: SHA-1 of the secret and of all names and values by name; empty values are left out."""
    pairs = sorted((name, str(value)) for name, value in fields.items() if name != "sign" and value not in ("", None))
    text = secret + "".join(name + value for name, value in pairs)
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - the service prescribes SHA-1
