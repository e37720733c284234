"""The one format of all messages between the parties of a delivery."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from functions.delivery.inbox.recipients import Party
from shared.contracts.models import Output


class Kind(StrEnum):
    """The kind of a message. `read` tells a recipient's other devices how far one of them has read."""

    ORDER = "order"
    STATUS = "status"
    NOTICE = "notice"
    CHAT = "chat"
    READ = "read"


class Sender(Output):
    """The sender. `name` is empty for the system. No phone number is ever in it."""

    party: Party | None
    name: str


class Envelope(Output):
    """A message. A page makes its text of `template` and `values` in the reader's language; of a chat it is `text`.

    `actions` name what the reader can do about it.
    """

    id: str
    kind: Kind
    at: datetime
    sender: Sender
    conversation: str
    to: list[Party]
    template: str
    values: dict[str, Any]
    actions: list[str]
