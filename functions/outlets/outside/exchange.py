"""A call of a channel and its reply on the wire, as plain data."""

from dataclasses import dataclass
from enum import StrEnum

from functions.outlets.channels.contract import Reply

# A reply of a chat service has a few hundred bytes.
MOST_REPLY = 256 * 1024
AT_ONCE = 16


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
