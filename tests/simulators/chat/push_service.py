"""A web push service with its browsers, from RFC 8030, 8188, 8291 and 8292: it checks VAPID and decrypts."""

import base64
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.simulators.http_system import Answer, HttpSystem, Request, json_answer

MOST_BYTES = 4096
DAY_SECONDS = 86_400
CURVE = ec.SECP256R1()
HEAD_BYTES = 21  # salt of 16, record size of 4, length of the key id


@dataclass
class Browser:
    """A subscription and the keys of its browser. `online=False`: a message with TTL 0 is lost."""

    name: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    online: bool = True
    ended: int = 0  # 404 or 410 once the subscription is over
    server_key: str | None = None

    @property
    def public(self) -> bytes:
        return _point(self.private.public_key())

    def decrypt(self, body: bytes) -> bytes:
        """The plain text of one record in the form aes128gcm. Raises ValueError, InvalidTag."""
        salt, length = body[:16], body[20]
        sender, sealed = body[HEAD_BYTES : HEAD_BYTES + length], body[HEAD_BYTES + length :]
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        key = _derive(shared, self.secret, b"WebPush: info\0" + self.public + sender, 32)
        content_key = _derive(key, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(key, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
        if plain[-1:] != b"\2":
            raise ValueError("The last record ends with the byte 2.")
        return plain[:-1]


@dataclass(frozen=True)
class Push:
    """A message that the service took. `shown` is false if the browser was offline and TTL was 0."""

    browser: str
    text: bytes
    ttl: int
    urgency: str
    topic: str
    subject: str
    shown: bool
    wall: float


class PushService(HttpSystem):
    """`subscription` gives what a page sends to the product after it subscribed."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.browsers: dict[str, Browser] = {}
        self.pushes: list[Push] = []
        self._push_lock = threading.Lock()

    def subscription(self, name: str, server_key: str | None = None) -> dict[str, Any]:
        """Endpoint and keys of a new browser. With a server key only that key may push to it."""
        browser = self.browsers[name] = Browser(name, server_key=server_key)
        keys = {"p256dh": unpadded(browser.public), "auth": unpadded(browser.secret)}
        return {"endpoint": f"{self.url}/push/{name}", "expirationTime": None, "keys": keys}

    def respond(self, request: Request) -> Answer:
        browser = self.browsers.get(request.path.removeprefix("/push/"))
        if not browser or browser.ended:
            return json_answer(
                {"message": "push subscription has unsubscribed or expired"}, browser.ended if browser else 404
            )
        problem = self._problem(browser, request)
        if problem:
            return json_answer({"message": problem[1]}, problem[0])
        return self._take(browser, request)

    def _problem(self, browser: Browser, request: Request) -> tuple[int, str] | None:
        if len(request.body) > MOST_BYTES:
            return 413, "payload too large"
        if not request.headers.get("ttl", "").isdigit():
            return 400, "missing TTL header"
        if request.body and request.headers.get("content-encoding") != "aes128gcm":
            return 415, "unsupported content encoding"
        claims = self._claims(browser, request.headers.get("authorization", ""))
        return None if claims else (403, "the VAPID credentials do not fit")

    def _take(self, browser: Browser, request: Request) -> Answer:
        try:
            text = browser.decrypt(request.body) if request.body else b""
        except (InvalidTag, ValueError):
            return json_answer({"message": "the browser can not decrypt"}, 400)
        ttl, headers = int(request.headers["ttl"]), request.headers
        claims = self._claims(browser, headers["authorization"]) or {}
        push = Push(
            browser.name, text, ttl, headers.get("urgency", "normal"), headers.get("topic", ""),
            claims.get("sub", ""), browser.online or ttl > 0, time.time(),
        )  # fmt: skip
        with self._push_lock:
            self.pushes.append(push)
        return Answer(201, b"", {"Location": f"{self.url}/message/{len(self.pushes)}", "TTL": str(ttl)})

    def _claims(self, browser: Browser, authorization: str) -> dict[str, Any] | None:
        """The claims of a VAPID header if its signature, audience and time fit."""
        parts = dict(
            part.strip().split("=", 1) for part in authorization.removeprefix("vapid ").split(",") if "=" in part
        )
        key, token = parts.get("k", ""), parts.get("t", "")
        if not authorization.startswith("vapid ") or (browser.server_key and key != browser.server_key):
            return None
        claims = verified(key, token)
        fresh = claims is not None and time.time() < claims.get("exp", 0) <= time.time() + DAY_SECONDS
        return claims if claims and fresh and claims.get("aud") == self.url else None

    def too_many(self, seconds: float) -> Answer:
        return json_answer({"message": "Too Many Requests"}, 429, Retry_After=str(int(seconds) or 1))

    def unavailable(self) -> Answer:
        return json_answer({"message": "Service unavailable"}, 503)

    def session_lost(self, request: Request) -> Answer:
        del request
        return json_answer({"message": "Unauthorized"}, 401)


def verified(key: str, token: str) -> dict[str, Any] | None:
    """The claims of a JWT that this P-256 key signed with ES256, else None."""
    try:
        head, claims, signature = token.split(".")
        raw = padded(signature)
        der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, padded(key))
        public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        return dict(json.loads(padded(claims))) if json.loads(padded(head)).get("alg") == "ES256" else None
    except (ValueError, InvalidSignature):
        return None


def unpadded(data: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def padded(text: str) -> bytes:
    """The bytes of such a text."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(public: ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _derive(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)
