"""The secret of a customer's page, and the PIN that it shows.

The link is 16 random bytes. Its hash finds the delivery; the encrypted link is for the desk, which sends it. The PIN is
computed from the link, so that no table has it.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.fernet import InvalidToken

from shared.spine.auth import cipher
from shared.spine.errors import Misconfigured

_PURPOSE = b"dumbwaiter delivery pin 1"
PIN_DIGITS = 4


def new_link(keyring: Sequence[str]) -> tuple[bytes, bytes]:
    """(hash, encrypted link) of a new random link."""
    link = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
    return hash_of(link), cipher(keyring).encrypt(link.encode())


def hash_of(link: str) -> bytes:
    """The hash of a link, which the table holds."""
    return hashlib.sha256(link.encode()).digest()


def link_of(encrypted: bytes, keyring: Sequence[str]) -> str:
    """The link. Raises `Misconfigured` when its key is not in the ring."""
    try:
        return cipher(keyring).decrypt(encrypted).decode()
    except InvalidToken:
        raise Misconfigured("keyring_incomplete", "the key of a delivery's link is not in the key ring") from None


def pin_of(link: str) -> str:
    """The four digits that the customer says at the door."""
    digest = hmac.digest(link.encode(), _PURPOSE, "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**PIN_DIGITS:0{PIN_DIGITS}}"


def pin_fits(link: str, pin: str) -> bool:
    """Whether this is the PIN, in constant time."""
    return hmac.compare_digest(pin_of(link).encode(), pin.encode())
