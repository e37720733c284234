"""A request to a service outside and its reply, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CALL_SECONDS, LONGEST_SECONDS = 10.0, 20.0
# Of a reply, in bytes. A list of a hundred deliveries has about 300 KB, a page of 500 documents as well.
# A call between functions carries 6 MB.
MOST_REPLY = 4 * 1024 * 1024
# Calls at the same time.
AT_ONCE = 16


@dataclass(frozen=True)
class Call:
    """A request. `seconds` bounds the whole of it. An address can be a secret."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    seconds: float = CALL_SECONDS


@dataclass(frozen=True)
class Reply:
    """A reply, of the service or to it. Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


class Lost(StrEnum):
    """Why a call has no reply. After `not_sent` and `refused_address` the service surely has nothing."""

    NOT_SENT = "not_sent"
    REFUSED_ADDRESS = "refused_address"
    NO_REPLY = "no_reply"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Answer:
    """The reply, or why there is none."""

    reply: Reply | None = None
    lost: Lost | None = None
