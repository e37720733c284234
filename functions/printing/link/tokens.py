"""Tokens: an agent's id, signed with its key, for one moment and one connection (docs/develop/print-link.md)."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

SCHEME = "DUMBWAITER-AGENT-HMAC-SHA256"
PURPOSE = "dumbwaiter-agent-connect-v1"
TOLERANCE = timedelta(seconds=120)

_HEADER = re.compile(
    rf"{SCHEME} Agent=([A-Za-z0-9._-]{{1,32}}), Time=([0-9]{{1,12}}), Nonce=([A-Za-z0-9_-]{{16,64}}), "
    r"Signature=([0-9a-f]{64})",
    re.ASCII,
)


@dataclass(frozen=True)
class Token:
    """The fields of the header, before any check."""

    agent: str
    time: str
    nonce: str
    signature: str

    def timely(self, now: datetime) -> bool:
        """Whether its time is near the relay's time."""
        return abs(now.timestamp() - int(self.time)) <= TOLERANCE.total_seconds()

    def signed_by(self, key: bytes) -> bool:
        """Whether this key made the signature. Takes constant time."""
        text = f"{PURPOSE}\n{self.agent}\n{self.time}\n{self.nonce}"
        return hmac.compare_digest(self.signature, hmac.new(key, text.encode(), "sha256").hexdigest())


def read(header: str) -> Token | None:
    """The token in an Authorization header of exactly the documented form."""
    match = _HEADER.fullmatch(header)
    return Token(*match.groups()) if match else None
