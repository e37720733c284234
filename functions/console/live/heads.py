"""The heads of changes. A head says what has changed and when. A page then reads the change from the API.

A head has no personal data: no name, no phone number, no text that a person wrote.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from functions.console.live.topics import BY_TYPE, EACH_STORE_TYPES, STAGE_TYPES
from shared.contracts.ids import store_key
from shared.contracts.messages import Message, MessageData


class AnyChange(MessageData):
    """The data of a message of any topic, unchecked beyond its chain and store."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """Every type that has a topic."""
        return tuple(BY_TYPE)


@dataclass(frozen=True)
class Change:
    """One message that pages may hear of. `store` is empty for a change of the whole chain.

    `chain` is empty for a change of the whole stage. `of_chain` is this change for the pages of a chain.
    """

    type: str
    subject: str
    chain: str
    store: str
    at: datetime
    version: int
    is_of_stage: bool = False

    def of_chain(self, chain: str) -> "Change":
        """The change for a page that watches the chain."""
        return replace(self, chain=chain) if self.is_of_stage else self

    @property
    def concerns_each_store(self) -> bool:
        """Whether the right anywhere in the chain is enough to hear of it."""
        return self.is_of_stage or self.type in EACH_STORE_TYPES

    @property
    def store_key(self) -> str:
        """The store's id that is unique over all chains; empty for a change of the whole chain."""
        return store_key(self.chain, self.store) if self.store else ""

    def head(self, topic: str) -> dict[str, Any]:
        """The head of the change under one of its topics, for JSON."""
        return {
            "topic": topic,
            "type": self.type,
            "subject": self.subject,
            "chain": self.chain,
            "store": self.store or None,
            "at": self.at.isoformat(),
            "version": self.version,
        }


def change_of(message: Message[Any]) -> Change | None:
    """The change in a message. None for one that names no chain, unless it is about the whole stage."""
    if message.type in STAGE_TYPES:
        return Change(message.type, message.subject, "", "", message.time, message.sequence, is_of_stage=True)
    fields = dict(message.data)
    location = next((fields[name] for name in ("order", "report") if name in fields), None)
    if isinstance(location, dict):
        fields = location
    elif location is not None and hasattr(location, "chain"):
        fields = {"chain": location.chain, "store": location.store}
    chain, store = fields.get("chain"), fields.get("store") or ""
    if not isinstance(chain, str) or not chain or not isinstance(store, str):
        return None
    return Change(message.type, message.subject, chain, store, message.time, message.sequence)


def changes_of(messages: Iterable[Message[Any]]) -> Iterator[Change]:
    """The changes in messages, without those that no page can watch."""
    for message in messages:
        if message.type in BY_TYPE and (change := change_of(message)):
            yield change
