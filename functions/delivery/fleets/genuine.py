"""Checks of callbacks: raw bytes, constant time, fresh."""

import hmac
import math
from datetime import UTC, datetime

from functions.delivery.fleets.contract import Callback, Forged

MOST_BYTES = 256 * 1024
# A fleet repeats a callback for some minutes. An older one may be a replay, and asking the fleet makes up for it.
FRESH_SECONDS = 900.0


def check_size(callback: Callback) -> None:
    """Raise `Forged` for a body that no fleet sends."""
    if len(callback.body) > MOST_BYTES:
        raise Forged("the body is too long")


def check_equal(expected: str, stated: str | None) -> None:
    """Raise `Forged` unless both are equal. An empty expected value is no secret."""
    if not expected or not stated:
        raise Forged("a signature is missing")
    if not hmac.compare_digest(expected.encode(), stated.encode("utf-8", "replace")):
        raise Forged("the signature is wrong")


def check_fresh(moment: datetime | None, now: datetime) -> None:
    """Raise `Forged` unless the time is near to now."""
    if moment is None:
        raise Forged("the time is missing")
    if abs((now - moment).total_seconds()) > FRESH_SECONDS:
        raise Forged(f"the time is more than {FRESH_SECONDS:.0f} s from now")


def moment_of_seconds(value: object) -> datetime | None:
    """The time of seconds since 1970; None for anything else."""
    try:
        seconds = float(str(value))
        return datetime.fromtimestamp(seconds, UTC) if math.isfinite(seconds) else None
    except (ValueError, OverflowError, OSError):
        return None


def moment_of_text(value: object) -> datetime | None:
    """The time of an RFC 3339 text; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
