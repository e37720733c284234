"""A device with passkeys and the browser before it, from WebAuthn Level 3 (https://www.w3.org/TR/webauthn-3/).

It keeps keys by the domain of the page, as the browser does. It lies on command.
"""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

# Section 6.1: flags of the authenticator data.
PRESENT, VERIFIED, CAN_SYNC, SYNCED, HAS_KEY = 0x01, 0x04, 0x08, 0x10, 0x40


def text_of(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass
class Key:
    id: bytes
    private: ec.EllipticCurvePrivateKey
    domain: str
    user: str
    count: int = 0


@dataclass
class Device:
    """`origin` is the page's. `verifies`: it asks for the finger; `counts`: it counts each use."""

    origin: str = "https://console.example.com"
    verifies: bool = True
    counts: bool = True
    synced: bool = False
    keys: list[Key] = field(default_factory=list)

    def create(self, options: dict[str, Any], key: Key | None = None) -> dict[str, Any]:
        """The answer of navigator.credentials.create (section 7.1) with a new key, or with `key` once more."""
        if key is None:
            private = ec.generate_private_key(ec.SECP256R1())
            key = Key(os.urandom(32), private, options["rp"]["id"], options["user"]["id"])
            self.keys.append(key)
        numbers = key.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(key.id).to_bytes(2, "big") + key.id + cbor2.dumps(cose)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(key, HAS_KEY) + attested}
        response = {
            "clientDataJSON": text_of(self._client_data("webauthn.create", options["challenge"])),
            "attestationObject": text_of(cbor2.dumps(attestation)),
        }
        return {"id": text_of(key.id), "type": "public-key", "response": response}

    def get(self, options: dict[str, Any], key: Key | None = None) -> dict[str, Any]:
        """The answer of navigator.credentials.get (section 7.2) with the newest key of the domain, or with `key`."""
        key = key or next(found for found in reversed(self.keys) if found.domain == options["rpId"])
        data = self._data(key)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signature = key.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text_of(client_data),
            "authenticatorData": text_of(data),
            "signature": text_of(signature),
            "userHandle": key.user,
        }
        return {"id": text_of(key.id), "type": "public-key", "response": response}

    def _data(self, key: Key, more: int = 0) -> bytes:
        key.count += self.counts
        flags = PRESENT | (VERIFIED if self.verifies else 0) | ((CAN_SYNC | SYNCED) if self.synced else 0) | more
        return hashlib.sha256(key.domain.encode()).digest() + bytes([flags]) + key.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        content = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(content).encode()
