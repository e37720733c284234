"""The body of a request: the CloudEvents document of the message, with or without the guest."""

import json
from typing import Any

# Fields that name a guest or an employee, or hold their words. An erasure also empties the stored `guest`.
PERSONAL_FIELDS = frozenset({"guest", "note", "person", "waiter"})


def body_for(message: str, *, guest: bool) -> bytes:
    """The bytes to sign and to send. `message` is the stored CloudEvents JSON.

    Without `guest` each personal field is null, at any depth.
    """
    document = json.loads(message)
    if not guest:
        document["data"] = _without_person(document["data"])
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _without_person(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: None if name in PERSONAL_FIELDS else _without_person(field) for name, field in value.items()}
    if isinstance(value, list):
        return [_without_person(item) for item in value]
    return value
