"""The signature of K3Cloud's WebAPI, from its public description: HMAC-SHA256, in hexadecimal, in Base64."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import quote

SERVICE_KEY = "0054f397c6234378b09ca7d3e5debce7"


@dataclass(frozen=True)
class Tenant:
    """An account with its user and the application that signs for it."""

    account: str = "6470b1a2c3d4e5"
    user: str = "sync"
    password: str = "k3-pass-1"
    app: str = "261234_UbGqRtGkLmSd2cbG5eXzTfVqKwPn8HyJ"
    secret: str = "f1e2d3c4b5a69788796a5b4c3d2e1f00"
    language: int = 2052
    organisation: str = "0"


def signature_headers(tenant: Tenant, path: str, stamp: str, nonce: str) -> dict[str, str]:
    """The nine headers of a signed request, from the public description of the signature."""
    client, _, hidden = tenant.app.partition("_")
    code = zip(base64.b64decode(hidden), SERVICE_KEY.encode(), strict=False)
    key = base64.b64encode(bytes(a ^ b for a, b in code))
    text = f"POST\n{quote(path, safe='')}\n\nx-api-nonce:{nonce}\nx-api-timestamp:{stamp}\n"
    data = f"{tenant.account},{tenant.user},{tenant.language},{tenant.organisation}"
    return {
        "X-Api-ClientID": client,
        "X-Api-Auth-Version": "2.0",
        "x-api-timestamp": stamp,
        "x-api-nonce": nonce,
        "x-api-signheaders": "x-api-timestamp,x-api-nonce",
        "X-Api-Signature": _sign(key, text),
        "X-Kd-Appkey": tenant.app,
        "X-Kd-Appdata": base64.b64encode(data.encode()).decode(),
        "X-Kd-Signature": _sign(tenant.secret.encode(), tenant.app + data),
    }


def _sign(key: bytes, text: str) -> str:
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).hexdigest().encode()).decode()
