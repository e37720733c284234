"""Masks of personal data, for people who may see an order and not its guest or those who served it.

A mask shows that there is a value, so that two people can speak about the same order. Of a name it shows the first
character, of a phone the last two digits. A text that was written by hand is masked as a whole.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

HIDDEN = "•••"
# Names of people, and what they wrote.
_WRITTEN = frozenset({"note", "reason", "waiter", "person", "by", "address"})
_OWN_REASONS = frozenset({"printing.needs_person", "printing.agent_copied"})


def masked_name(name: str) -> str:
    """`W•••` for `Wang Wei`."""
    return f"{name[:1]}{HIDDEN}" if len(name) > 1 else HIDDEN


def masked_phone(phone: str) -> str:
    """`••• 34` for `+86 138 0013 8034`. Of fewer than eight digits nothing is shown."""
    digits = re.sub("[^0-9]", "", phone)
    return f"{HIDDEN} {digits[-2:]}" if len(digits) >= 8 else HIDDEN  # noqa: PLR2004


def masked(document: Any) -> Any:
    """A JSON document with its personal data masked, at any depth. The document itself is not changed.

    Personal data are all fields of a `guest`, who did it (`waiter`, `person`, `by`), an `address`, and what a person
    wrote (`note`, `reason`). So are a note and a waiter before and after a change. A message is masked by its type.
    """
    if isinstance(document, list):
        return [masked(part) for part in document]
    if not isinstance(document, dict):
        return document
    if document.get("field") in _WRITTEN:
        return document | {name: _hidden(document[name]) for name in ("before", "after") if name in document}
    hidden = {name: _masked_field(name, value) for name, value in document.items()}
    if isinstance(document.get("data"), dict) and isinstance(document.get("type"), str):
        hidden["data"] = masked_message(document["type"], document["data"])
    return hidden


def masked_message(message_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a message, masked. A reason that is one of a few words of ours is shown."""
    hidden: dict[str, Any] = masked(dict(data))
    return hidden | {"reason": data["reason"]} if message_type in _OWN_REASONS and "reason" in data else hidden


def masked_guest(guest: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a guest, masked. Its `delivery` is left out."""
    fields = {name: value for name, value in guest.items() if not isinstance(value, Mapping)}
    return {
        name: _GUEST.get(name, _hidden)(value) if isinstance(value, str) else None for name, value in fields.items()
    }


def _masked_field(name: str, value: Any) -> Any:
    if name in _WRITTEN and not isinstance(value, (list, dict)):
        return _hidden(value)
    if name == "guest" and isinstance(value, dict):
        return masked_guest(value)
    return masked(value)


def _hidden(value: Any) -> str | None:
    return None if value is None or value == "" else HIDDEN


_GUEST: dict[str, Callable[[str], str]] = {"name": masked_name, "phone": masked_phone}
