"""A request to an outside system and its reply, as plain data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

# Of a reply, in bytes. A page of 500 documents has about 300 kB. A call between functions carries 6 MB.
MOST_REPLY = 4 * 1024 * 1024
SECONDS = 15.0


class Failure(StrEnum):
    """Why a request has no reply. After `not_sent` and `refused_address` the system surely did nothing."""

    NOT_SENT = "not_sent"
    REFUSED_ADDRESS = "refused_address"
    NO_ANSWER = "no_answer"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class HttpRequest:
    """A request. `safe`: it changes nothing, so that it is repeated when it fails."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    safe: bool = False


@dataclass(frozen=True)
class HttpReply:
    """The status and body of a reply, or the failure. `retry_after` in seconds."""

    status: int = 0
    body: bytes = field(default=b"", repr=False)
    failure: Failure | None = None
    retry_after: float | None = None


# Sends requests one after the other. A failure ends the sequence, so that there may be fewer replies than requests.
Exchange = Callable[[Sequence[HttpRequest]], list[HttpReply]]
