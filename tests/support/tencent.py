"""Envelopes of Tencent, sealed by the steps of its document, without our code."""

import base64
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def sealed(content: bytes, key43: str, receiver: str) -> str:
    """The envelope of `content` for `receiver`."""
    key = base64.b64decode(f"{key43}=")
    plain = b"r" * 16 + len(content).to_bytes(4, "big") + content + receiver.encode()
    filling = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([filling]) * filling) + encryptor.finalize()).decode()


def signature(*values: str) -> str:
    """SHA-1 over the sorted values."""
    return hashlib.sha1("".join(sorted(values)).encode()).hexdigest()  # noqa: S324 -- the service's own choice
