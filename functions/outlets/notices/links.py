"""Links that confirm. A token has one purpose, is signed, expires, and names one version of one order.

`NOTICE.VERSION.EXPIRY.KEY.MAC`: the notice stands for its order and outlet. KEY is the beginning of the hash of the
key, so that a key ring that turns finds it. A nonce is made by the page for a press within half an hour.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

PURPOSE, REQUEST, NONCE = "outlets.confirm", "outlets.request", "outlets.nonce"
# A platform's deadline is minutes away. A person looks at the page again at the end of the day.
GOOD_FOR = timedelta(hours=36)
NONCE_SECONDS = 1800
LONGEST = 200


class BadToken(Exception):
    """A token that this system did not make."""


@dataclass(frozen=True)
class Claim:
    """The content of a token. `expired`: it was good once."""

    notice: str
    version: int
    expired: bool


def confirm_token(
    keyring: Sequence[str],
    notice: str,
    version: int,
    now: datetime,
    *,
    purpose: str = PURPOSE,
    good_for: timedelta = GOOD_FOR,
) -> str:
    """The token of a version of an order, or of what an outlet asked for."""
    body = f"{notice}.{version}.{int((now + good_for).timestamp())}.{_key_id(keyring[0])}"
    return f"{body}.{_mac(keyring[0], purpose, body)}"


def read_token(keyring: Sequence[str], token: str, now: datetime, *, purpose: str = PURPOSE) -> Claim:
    """The claim of a genuine token of this purpose. Raises `BadToken`."""
    body, _, mac = token.rpartition(".")
    parts = body.split(".")
    keys = [key for key in keyring if len(parts) == 4 and _key_id(key) == parts[3]]  # noqa: PLR2004 - as above
    good = [hmac.compare_digest(_mac(key, purpose, body).encode(), mac.encode()) for key in keys or keyring[:1]]
    if len(token) > LONGEST or not keys or not any(good):
        raise BadToken
    return Claim(parts[0], int(parts[1]), datetime.fromtimestamp(int(parts[2]), UTC) <= now)


def new_nonce(keyring: Sequence[str], token: str, now: datetime) -> str:
    """A nonce for the form of a page."""
    moment = str(int(now.timestamp()))
    return f"{moment}.{_mac(keyring[0], NONCE, f'{token}.{moment}')}"


def is_fresh(keyring: Sequence[str], token: str, nonce: str, now: datetime) -> bool:
    """Whether the page of this token made the nonce in the last half hour."""
    moment, _, mac = nonce.partition(".")
    if not moment.isascii() or not moment.isdigit() or len(moment) > 12:  # noqa: PLR2004 - seconds of any year
        return False
    good = [hmac.compare_digest(_mac(key, NONCE, f"{token}.{moment}").encode(), mac.encode()) for key in keyring]
    return any(good) and 0 <= now.timestamp() - int(moment) <= NONCE_SECONDS


def _key_id(key: str) -> str:
    return sha256(f"outlets.key {key}".encode()).hexdigest()[:8]


def _mac(key: str, purpose: str, text: str) -> str:
    digest = hmac.digest(key.encode(), f"{purpose}\n{text}".encode(), "sha256")
    return urlsafe_b64encode(digest[:18]).decode()
