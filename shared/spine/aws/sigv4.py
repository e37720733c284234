"""AWS Signature Version 4, and the credentials of the function's role.

Importing botocore and making one client takes longer than the rest of a cold start; docs/decisions has the figures. So
functions sign their calls here. The tests compare the signature with botocore's.
"""

import hashlib
import hmac
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

from shared.spine.errors import Misconfigured, Unavailable
from shared.spine.settings import container_credentials, environment_credentials

# A call before a reply must not take longer than its caller waits.
TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True)
class Credentials:
    """Keys of the function's role; `expires` is None for keys that live as long as the environment."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)
    expires: datetime | None = None


def read_credentials() -> Credentials:
    """The role's keys, from the environment or, in SnapStart environments, from the credentials endpoint."""
    access_key, secret_key, token = environment_credentials()
    if access_key:
        return Credentials(access_key, secret_key, token)
    address, authorization = container_credentials()
    if not address:
        raise Misconfigured("credentials_missing", "the environment has no credentials of a role")
    keys = _from_endpoint(address, authorization)
    expires = datetime.fromisoformat(keys["Expiration"])
    return Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"], expires)


def _from_endpoint(address: str, authorization: str) -> dict[str, str]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Authorization": authorization})
        keys: dict[str, str] = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as failure:
        raise Unavailable("credentials_unavailable", "the credentials endpoint did not answer") from failure
    finally:
        connection.close()
    return keys


@dataclass(frozen=True)
class Signer:
    """Signs calls of one service at one moment."""

    service: str
    region: str
    credentials: Credentials
    now: datetime

    @property
    def stamp(self) -> str:
        """The moment, as signatures write it."""
        return self.now.strftime("%Y%m%dT%H%M%SZ")

    @property
    def scope(self) -> str:
        """The credential scope: day, region, service."""
        return f"{self.stamp[:8]}/{self.region}/{self.service}/aws4_request"

    def sign(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """`headers` with the signature added (AWS General Reference, "Create a signed AWS API request")."""
        parts = urlsplit(url)
        signed = {"host": parts.netloc, "x-amz-date": self.stamp}
        signed |= {name.lower(): value for name, value in headers.items()}
        if self.credentials.token:
            signed["x-amz-security-token"] = self.credentials.token
        names = ";".join(sorted(signed))
        canonical = "\n".join(
            [
                method,
                quote(parts.path or "/", safe="/-_.~"),
                parts.query,
                *(f"{name}:{' '.join(signed[name].split())}" for name in sorted(signed)),
                "",
                names,
                hashlib.sha256(body).hexdigest(),
            ]
        )
        credential = f"AWS4-HMAC-SHA256 Credential={self.credentials.access_key}/{self.scope}"
        return signed | {"authorization": f"{credential}, SignedHeaders={names}, Signature={self._hash(canonical)}"}

    def presign(self, method: str, url: str, headers: Mapping[str, str], seconds: int) -> str:
        """An address that is valid for one method, these headers and so many seconds, without further keys.

        The signature is in the query (Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters").
        """
        parts = urlsplit(url)
        signed = {"host": parts.netloc} | dict(headers)
        names = ";".join(sorted(signed))
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self.credentials.access_key}/{self.scope}",
            "X-Amz-Date": self.stamp,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": names,
        }
        if self.credentials.token:
            query["X-Amz-Security-Token"] = self.credentials.token
        text = urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        canonical = f"{method}\n{parts.path}\n{text}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
        return f"{url}?{text}&X-Amz-Signature={self._hash(canonical)}"

    def _hash(self, canonical: str) -> str:
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{self.stamp}\n{self.scope}\n{digest}"
        key = f"AWS4{self.credentials.secret_key}".encode()
        for step in self.scope.split("/"):
            key = hmac.digest(key, step.encode(), "sha256")
        return hmac.new(key, to_sign.encode(), "sha256").hexdigest()
