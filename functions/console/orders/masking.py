"""Personal data of guests and staff, masked at any depth of a message."""

from collections.abc import Mapping
from typing import Any

# Words of a guest or an employee, or the name of one.
HIDDEN = frozenset({"note", "person", "waiter", "address"})
SHOWN_DIGITS = 4


def masked(value: Any) -> Any:
    """The value with guests masked: the first letter of the name, and the end of the phone number."""
    if isinstance(value, Mapping):
        return {name: _field(name, member) for name, member in value.items()}
    return [masked(item) for item in value] if isinstance(value, list) else value


def _field(name: str, value: Any) -> Any:
    if name in HIDDEN:
        return None
    return _guest(value) if name == "guest" and isinstance(value, Mapping) else masked(value)


def _guest(guest: Mapping[str, Any]) -> dict[str, Any]:
    """`member` names no person: it is the chain's own id, which the reader may look up with a right for it."""
    name, phone = guest.get("name"), guest.get("phone")
    digits = [character for character in phone or "" if character.isdigit()]
    return {
        "member": None,
        "name": f"{name[0]}…" if name else None,
        "phone": f"…{''.join(digits[-SHOWN_DIGITS:])}" if len(digits) > SHOWN_DIGITS else None,
        "address": None,
    }
