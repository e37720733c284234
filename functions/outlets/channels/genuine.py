"""Checks of callbacks: raw bytes, constant time, fresh."""

import hashlib
import hmac
import math
from datetime import UTC, datetime

from functions.outlets.channels.contract import FRESH_SECONDS, Callback, Forged

MOST_BYTES = 1024 * 1024


def check_equal(expected: str, stated: str | None) -> None:
    """Raise `Forged` unless both are equal. An empty expected value is no secret."""
    if not expected or stated is None:
        raise Forged("a signature is missing")
    if not hmac.compare_digest(expected.encode(), stated.encode("utf-8", "replace")):
        raise Forged("the signature is wrong")


def check_fresh(seconds: str | None, now: datetime) -> None:
    """Raise `Forged` unless the time, in seconds since 1970, is near to now."""
    try:
        distance = abs(now.timestamp() - float(seconds or ""))
    except ValueError:
        raise Forged("the time is no number") from None
    if not math.isfinite(distance) or distance > FRESH_SECONDS:
        raise Forged(f"the time is more than {FRESH_SECONDS} s from now")


def check_size(callback: Callback) -> None:
    """Raise `Forged` for a body that no service sends."""
    if len(callback.body) > MOST_BYTES:
        raise Forged("the body is too long")


def hmac_sha256(key: str, content: bytes) -> bytes:
    """HMAC-SHA256 with the secret as UTF-8."""
    return hmac.digest(key.encode(), content, hashlib.sha256)


def moment(seconds: object, otherwise: datetime, *, scale: float = 1.0) -> datetime:
    """The time of a service, `scale` units a second since 1970; `otherwise` for one that is no time."""
    try:
        return datetime.fromtimestamp(float(str(seconds)) / scale, UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise
