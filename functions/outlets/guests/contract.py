"""The contract of a service that brings messages to guests. A service is pure, as a channel is.

It opens no socket, reads no clock and no database. The engine sends its calls and stores its events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from functions.outlets.channels.contract import Callback, Outcome, Refused, Robot, Setting, Token, Unreadable
from functions.outlets.guests.consents import PushResult
from shared.kit.outside.exchange import Call, Reply
from shared.kit.web_push import Subscription


@dataclass(frozen=True)
class Push:
    """One message for a guest. `page` is opened by a tap; `push` is our id, the same when it is sent again.

    `seconds`: after them the message is useless. A browser has its subscription in place of an `openid`.
    """

    push: str
    openid: str
    template: str
    values: Mapping[str, str]
    page: str = ""
    seconds: int = 3600
    subscription: Subscription | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Consented:
    """A guest accepted a template, or took its consents back."""

    openid: str
    template: str
    accepted: bool
    at: datetime
    event_id: str


@dataclass(frozen=True)
class PushSettled:
    """The service tells what became of a message, by its own id."""

    message_id: str
    openid: str
    result: PushResult
    detail: str
    at: datetime


@dataclass(frozen=True)
class Followed:
    """A guest followed the official account, or stopped."""

    openid: str
    follows: bool
    at: datetime


GuestEvent = Consented | PushSettled | Followed


class GuestService(Protocol):
    """One service. Its accounts are stored as robots are, with settings, secrets and an access token."""

    name: str
    # Whether the service tells what became of a message.
    receipts: bool
    # Nobody presses a button of a guest's message.
    shows_tapper: bool
    # Whether each message needs an accept of the guest.
    takes_rights: bool
    # Whether the service drops a second message with the same id.
    native_key: bool

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The values that the set-up asks for."""

    def token(self, robot: Robot) -> Call | None:
        """The call that gets an access token; None for a service without one."""

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """The outcome of `token`."""

    def send(self, robot: Robot, push: Push, now: datetime) -> Call:
        """The call that shows the message. Raises ValueError for a message without a value."""

    def outcome(self, reply: Reply) -> Outcome:
        """The outcome of `send`."""

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[GuestEvent]:
        """The events of a callback. Raises `Forged`."""

    def answer(self, robot: Robot, callback: Callback) -> Reply:
        """The reply that the service expects to a genuine callback."""

    def field_fault(self, name: str) -> str | None:
        """The fault in the name of a template's field; None for a good one."""
