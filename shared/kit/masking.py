"""Masks of personal data, for people who may see an order and not its guest.

A mask shows that there is a value, so that two people can speak about the same order. Of a name it shows the first
character, of a phone the last two digits. A text that was written by hand is masked as a whole.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

HIDDEN = "•••"


def masked_name(name: str) -> str:
    """`W•••` for `Wang Wei`."""
    return f"{name[:1]}{HIDDEN}" if len(name) > 1 else HIDDEN


def masked_phone(phone: str) -> str:
    """`••• 34` for `+86 138 0013 8034`. Of fewer than eight digits nothing is shown."""
    digits = re.sub("[^0-9]", "", phone)
    return f"{HIDDEN} {digits[-2:]}" if len(digits) >= 8 else HIDDEN  # noqa: PLR2004


def masked(document: Any) -> Any:
    """A JSON document with its personal data masked, at any depth. The document itself is not changed.

    Personal data are all fields of a `guest`, and every note. So is a note before and after a change.
    """
    if isinstance(document, list):
        return [masked(part) for part in document]
    if not isinstance(document, dict):
        return document
    if document.get("field") == "note":
        return document | {name: _hidden(document[name]) for name in ("before", "after") if name in document}
    return {name: _masked_field(name, value) for name, value in document.items()}


def masked_guest(guest: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a guest, masked."""
    return {name: _GUEST.get(name, _hidden)(value) if isinstance(value, str) else None for name, value in guest.items()}


def _masked_field(name: str, value: Any) -> Any:
    if name == "note":
        return _hidden(value)
    if name == "guest" and isinstance(value, dict):
        return masked_guest(value)
    return masked(value)


def _hidden(value: Any) -> str | None:
    return None if value is None or value == "" else HIDDEN


_GUEST: dict[str, Callable[[str], str]] = {"name": masked_name, "phone": masked_phone}
