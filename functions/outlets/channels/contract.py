"""The contract of a channel, which makes requests to a chat service and reads its replies and callbacks.

A channel is pure: it opens no socket, reads no clock and no database. The engine sends its calls, keeps its tokens and
stores its events. A channel of your own: docs/develop/add-a-channel.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.contracts.text import ascii_code, cleaned
from shared.kit.outside.exchange import Call, Reply

# The oldest or newest time of a callback that is accepted, in seconds from now. An older one may be a replay.
FRESH_SECONDS = 300
# What the tables hold of a service's own words.
LONGEST_ID, LONGEST_ADDRESS, LONGEST_DETAIL = 191, 255, 200


class Failure(StrEnum):
    """The action after a refusal: send later, repair the rights, change the content, use the next chat."""

    LATER = "later"
    RIGHTS = "rights"
    CONTENT = "content"
    DEAD = "dead"


class Scope(StrEnum):
    """A window counts all messages of a robot, or those of a robot to one chat."""

    ROBOT = "robot"
    CHAT = "chat"


class Unit(StrEnum):
    """The unit of a text's length."""

    BYTES = "bytes"  # of UTF-8
    CHARACTERS = "characters"  # code points
    UTF16 = "utf16"  # code units


@dataclass(frozen=True)
class Window:
    """At most `count` messages in any `seconds`."""

    count: int
    seconds: float
    scope: Scope


@dataclass(frozen=True)
class Length:
    """The longest text of a message."""

    count: int
    unit: Unit


@dataclass(frozen=True)
class Setting:
    """One value that the set-up asks for. A secret is stored encrypted and is never shown again."""

    name: str
    secret: bool
    help: str
    default: str | None = None


@dataclass(frozen=True)
class Robot:
    """An account at a service: public settings, decrypted secrets, and the access token where the channel has one."""

    robot: str
    channel: str
    settings: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Button:
    """A button under a message. `value` comes back when a person presses it: at most 64 bytes."""

    id: str
    title: str
    value: str


@dataclass(frozen=True)
class Attachment:
    """A file behind a URL that the service or the reader can fetch."""

    title: str
    url: str
    media_type: str


@dataclass(frozen=True)
class Card:
    """A message as a person sees it, in the language of the outlet (BCP 47).

    `again` marks a message that may have been shown before. `as_template` asks for the approved template of the robot.
    """

    text: str
    link: str | None = None
    link_title: str | None = None
    buttons: tuple[Button, ...] = ()
    language: str = "en"
    again: bool = False
    attachments: tuple[Attachment, ...] = ()
    as_template: bool = False


@dataclass(frozen=True)
class Callback:
    """A request of the service to us, with the raw bytes of its body. Names of headers are in small letters.

    `url` is our public address as the service called it, with the query: some services sign it.
    """

    method: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    url: str = ""


def _held(text: str | None, longest: int) -> str | None:
    """A name that a service gave; None for one that no table holds."""
    return text if text and len(text) <= longest and cleaned(text) == text else None


@dataclass(frozen=True)
class Accepted:
    """The service has the message. It says nothing about delivery. An id that no table holds is none."""

    message_id: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "message_id", _held(self.message_id, LONGEST_ID))


@dataclass(frozen=True)
class Refused:
    """The service does not have the message.

    `wait_seconds`: the service asks to wait; without it the engine decides. `scope` says what must wait: the robot, or
    the chat alone; None where the service does not say. `moved_to`: the chat has this address now.
    `renew_token`: the same call succeeds with a new token. `use_template`: the same card succeeds as a template.
    The words of the service become what the tables hold, since one message must not stop those of other robots.
    """

    failure: Failure
    code: str
    detail: str
    wait_seconds: float | None = None
    moved_to: str | None = None
    renew_token: bool = False
    use_template: bool = False
    scope: Scope | None = Scope.ROBOT

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", ascii_code(self.code))
        object.__setattr__(self, "detail", cleaned(self.detail)[:LONGEST_DETAIL])
        object.__setattr__(self, "moved_to", _held(self.moved_to, LONGEST_ADDRESS))


@dataclass(frozen=True)
class Unreadable:
    """A reply that says neither: the message is UNKNOWN until there is evidence."""

    detail: str


Outcome = Accepted | Refused | Unreadable


@dataclass(frozen=True)
class Token:
    """An access token, and the seconds for which it is good."""

    value: str = field(repr=False)
    seconds: float


@dataclass(frozen=True)
class Delivered:
    """The message is on the device of its reader."""

    message_id: str
    at: datetime


@dataclass(frozen=True)
class Read:
    """The message was opened."""

    message_id: str
    at: datetime


@dataclass(frozen=True)
class Failed:
    """The service accepted the message before and could not deliver it."""

    message_id: str
    refused: Refused
    at: datetime


@dataclass(frozen=True)
class Pressed:
    """A person pressed a button. `event_id` is the same when the service tells it twice.

    `value` is the button's value. A service that knows numbers alone gives `#1` for the first button of the message.
    """

    message_id: str | None
    value: str
    person: str
    at: datetime
    event_id: str


@dataclass(frozen=True)
class Written:
    """A person wrote in a chat with the robot."""

    chat: str
    person: str
    text: str
    at: datetime
    event_id: str


@dataclass(frozen=True)
class Blocked:
    """The chat takes no more messages of the robot."""

    chat: str
    at: datetime


@dataclass(frozen=True)
class Unblocked:
    """The chat takes messages of the robot again, or for the first time."""

    chat: str
    at: datetime


Event = Delivered | Read | Failed | Pressed | Written | Blocked | Unblocked


class Forged(Exception):
    """A callback is not of the service, or is not fresh. The reason is for our log, not for the sender."""


class Channel(Protocol):
    """One chat service. Calls are made of checked settings: `settings` names all of them."""

    name: str
    longest: Length
    # Whether the service refuses or merges a second message with the same key, and the seconds for which it does.
    native_key: bool
    key_seconds: float
    # Whether the service tells about delivery or reading.
    receipts: bool
    # Whether a pressed button names the person.
    shows_tapper: bool

    @property
    def windows(self) -> tuple[Window, ...]:
        """The limits of the service on messages."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The values that the set-up asks for."""

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """The call that shows the card in the chat. `key` is the same when the same message is sent again."""

    def outcome(self, reply: Reply) -> Outcome:
        """The outcome of `send`, by the body of the reply."""

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """The events of a callback. Raises `Forged`."""

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """The reply that the service expects to a genuine callback. `text` is shown to the person where it can be."""

    def token(self, robot: Robot) -> Call | None:
        """The call that gets an access token; None for a channel without one."""

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """The outcome of `token`."""

    def look(self, robot: Robot, chat: str) -> Call | None:
        """A call that shows nothing and tells whether the chat lives; None where there is no such call."""

    def alive(self, reply: Reply) -> bool | Refused | Unreadable:
        """The outcome of `look`: False for a dead chat."""

    def login(self, robot: Robot) -> Call | None:
        """A call that tells whether the robot is logged in and has its rights; None where there is no such call."""

    def login_outcome(self, reply: Reply) -> Outcome:
        """The outcome of `login`."""
