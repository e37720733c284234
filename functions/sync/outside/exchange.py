"""A request to an outside system and its reply, as plain data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.kit.outside.exchange import Lost

# For one request.
SECONDS = 15.0


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
    failure: Lost | None = None
    retry_after: float | None = None


# Sends requests one after the other. A failure ends the sequence, so that there may be fewer replies than requests.
Exchange = Callable[[Sequence[HttpRequest]], list[HttpReply]]
