"""Web push: one encrypted message for a browser, as a request that a checked sender posts (RFC 8030, 8291, 8292)."""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kit.addresses.url import parsed_url
from shared.spine.errors import Rejected

# A service takes 4,096 bytes: the content, the head of 86, the tag of 16 and the delimiter.
MOST_CONTENT_BYTES = 3993
RECORD_BYTES = 4096
POINT_BYTES = 65
SECRET_BYTES = 16
# RFC 8292 allows 24 hours. Half of them leave room for a wrong clock.
CLAIMS_AGE = timedelta(hours=12)
LONGEST_TTL = 28 * 24 * 60 * 60
_CURVE = ec.SECP256R1()


class PushOutcome(StrEnum):
    """The outcome at a push service. ENDED: the browser has no subscription any more. RIGHTS: our key is refused."""

    ACCEPTED = "accepted"
    LATER = "later"
    ENDED = "ended"
    RIGHTS = "rights"
    CONTENT = "content"


class Urgency(StrEnum):
    """How much battery the message is worth (RFC 8030, section 5.3)."""

    VERY_LOW = "very-low"
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True)
class Subscription:
    """One browser: the address at its push service, its public point and its secret."""

    endpoint: str
    public: bytes = field(repr=False)
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class PushRequest:
    """A POST for the checked sender. The endpoint is an outside address."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Server:
    """Our key at all push services (VAPID), and the address at which their operators reach us: `mailto:` or https."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    contact: str

    @property
    def public_text(self) -> str:
        """The key that a page gives to `pushManager.subscribe`."""
        return _encoded(_point(self.key.public_key()))


def parsed_subscription(document: Mapping[str, Any], *, local: bool) -> Subscription:
    """A subscription as `PushSubscription.toJSON()` gives it. Raises `Rejected`.

    The endpoint is chosen by a guest: it is a public https address, and the sender checks what its name resolves to.
    """
    endpoint, keys = document.get("endpoint"), document.get("keys")
    if not isinstance(endpoint, str) or not isinstance(keys, Mapping):
        raise _refused("The subscription has the fields endpoint and keys.")
    parsed_url(endpoint, local=local)
    public, secret = (_decoded(keys.get(name), name) for name in ("p256dh", "auth"))
    if len(public) != POINT_BYTES or len(secret) != SECRET_BYTES:
        raise _refused(f"p256dh has {POINT_BYTES} bytes, auth has {SECRET_BYTES}.")
    _public_key(public)
    return Subscription(endpoint, public, secret)


def server_of(private_text: str, contact: str) -> Server:
    """The server of a private key, 32 bytes as base64url. Raises ValueError."""
    number = int.from_bytes(base64.urlsafe_b64decode(_padded(private_text)), "big")
    return Server(ec.derive_private_key(number, _CURVE), contact)


def push_request(
    server: Server,
    subscription: Subscription,
    content: bytes,
    now: datetime,
    *,
    ttl: int,
    urgency: Urgency = Urgency.NORMAL,
    topic: str | None = None,
) -> PushRequest:
    """The request that shows `content`. Raises `Rejected` for a long content.

    `ttl` in seconds has no default: with 0 a browser that is offline never gets the message. A new message with the
    same `topic`, at most 32 characters of base64url, replaces an unread one.
    """
    if len(content) > MOST_CONTENT_BYTES:
        raise Rejected("push_too_long", f"A push message has at most {MOST_CONTENT_BYTES} bytes.")
    headers = {
        "ttl": str(min(max(ttl, 0), LONGEST_TTL)),
        "urgency": urgency.value,
        "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream",
        "authorization": f"vapid t={_claims_token(server, subscription.endpoint, now)}, k={server.public_text}",
    }
    body = encrypted(content, subscription, ec.generate_private_key(_CURVE), os.urandom(16))
    return PushRequest(subscription.endpoint, headers | ({"topic": topic} if topic else {}), body)


def push_outcome(status: int) -> PushOutcome:
    """The outcome by the status of the reply."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return PushOutcome.ACCEPTED
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return PushOutcome.ENDED
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return PushOutcome.RIGHTS
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
        return PushOutcome.CONTENT
    return PushOutcome.LATER


def encrypted(content: bytes, subscription: Subscription, sender: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """One record of aes128gcm (RFC 8188) with the key of RFC 8291. `sender` and `salt` are used once."""
    sender_point = _point(sender.public_key())
    shared = sender.exchange(ec.ECDH(), _public_key(subscription.public))
    info = b"WebPush: info\0" + subscription.public + sender_point
    key = _derived(shared, subscription.secret, info, 32)
    content_key = _derived(key, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(key, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(sender_point)]) + sender_point
    return head + AESGCM(content_key).encrypt(nonce, content + b"\2", None)


def _claims_token(server: Server, endpoint: str, now: datetime) -> str:
    """A JWT for the service of this endpoint. It is made for each request, so that no `aud` is another service's."""
    url = parsed_url(endpoint, local=True)
    claims = {
        "aud": f"{url.scheme}://{url.authority}",
        "exp": int((now + CLAIMS_AGE).timestamp()),
        "sub": server.contact,
    }
    head, body = (
        _encoded(json.dumps(part, separators=(",", ":")).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    r, s = decode_dss_signature(server.key.sign(f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256())))
    return f"{head}.{body}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except (ValueError, InvalidKey):
        raise _refused("p256dh is no point of the curve P-256.") from None


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: object, name: str) -> bytes:
    try:
        return base64.b64decode(_padded(str(text)), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _refused(f"{name} is not base64url.") from None


def _padded(text: str) -> str:
    text = text.rstrip("=")
    return text + "=" * (-len(text) % 4)


def _refused(detail: str) -> Rejected:
    return Rejected("subscription_refused", detail)
