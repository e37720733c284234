"""Requests to object storage with the interface of S3, signed by AWS Signature Version 4.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


def signed_headers(
    method: str, url: str, body: bytes, key: str, secret: str, region: str, now: datetime, **further: str
) -> Mapping[str, str]:
    """The headers of a request. The path of `url` is written as it goes over the wire. `further`: more headers."""
    parts, moment = urlsplit(url), f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    content = hashlib.sha256(body).hexdigest()
    headers = {name.replace("_", "-"): value for name, value in further.items()}
    headers |= {"host": parts.netloc, "x-amz-content-sha256": content, "x-amz-date": moment}
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"{method}\n{parts.path}\n{parts.query}\n{lines}\n{names}\n{content}"
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    text = f"{ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(_key(secret, scope), text.encode(), hashlib.sha256).hexdigest()
    return headers | {
        "authorization": f"{ALGORITHM} Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    }


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def object_url(base: str, name: str) -> str:
    """The address of an object below `base`, as it goes over the wire."""
    return f"{base.rstrip('/')}/{quote(name, safe='/-_.~')}"
