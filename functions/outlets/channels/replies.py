"""Replies of services: decided by their body, because many services refuse with status 200."""

import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.outlets.channels.contract import Failure, Refused, Scope, Unreadable
from shared.contracts.text import cleaned
from shared.kit.outside.exchange import Call, Reply

LONGEST_DETAIL = 200
LONGEST_WAIT = 24 * 60 * 60.0
JSON_TYPE = "application/json; charset=utf-8"
SERVER_ERRORS = 500


def json_call(method: str, url: str, document: object, headers: Mapping[str, str] | None = None) -> Call:
    """A call with a JSON body."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Call(method, url, {"content-type": JSON_TYPE, **(headers or {})}, body)


def parsed(reply: Reply) -> dict[str, Any] | Refused | Unreadable:
    """The object in the body. A reply without one is a refusal only when its status says so beyond doubt."""
    document = json_object(reply.body)
    if document is not None:
        return document
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Refused(Failure.LATER, "429", "too many requests", wait_of(reply))
    return Unreadable(f"status {reply.status} without a JSON object")


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body, or None."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def refused(
    codes: Mapping[str, Failure],
    code: object,
    detail: object,
    wait_seconds: float | None = None,
    scope: Scope | None = Scope.ROBOT,
) -> Refused:
    """The refusal with a code of the service. An unknown code is tried later: the escalation bounds the tries."""
    text = str(code)
    return Refused(codes.get(text, Failure.LATER), text, shortened(detail), wait_seconds, scope=scope)


def shortened(detail: object) -> str:
    """The beginning of a text of the service, for people who run the system."""
    return " ".join(str(detail).split())[:LONGEST_DETAIL]


def wait_of(reply: Reply, header: str = "retry-after") -> float | None:
    """The seconds that a header asks to wait, from 0 to a day."""
    return bounded_wait(reply.headers.get(header))


def bounded_wait(value: object) -> float | None:
    """A number of seconds of a service, from 0 to a day. None for anything else."""
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else None


def group(failure: Failure, *codes: object) -> dict[str, Failure]:
    """Codes that share a class."""
    return {str(code): failure for code in codes}


def text_at(document: object, *path: str | int) -> str:
    """The text or number at a path of a document from outside, as text. Empty where there is none."""
    value = value_at(document, *path)
    return cleaned(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def value_at(document: object, *path: str | int) -> Any:
    """The value at a path of a document from outside, or None."""
    for step in path:
        if isinstance(document, dict):
            document = document.get(str(step))
        elif isinstance(document, list) and isinstance(step, int) and 0 <= step < len(document):
            document = document[step]
        else:
            return None
    return document


def object_at(document: object, *path: str | int) -> dict[str, Any]:
    """The object at a path of a document from outside; empty where there is none."""
    value = value_at(document, *path)
    return value if isinstance(value, dict) else {}


def objects_at(document: object, *path: str | int) -> list[dict[str, Any]]:
    """The objects of the list at a path; empty where there is no list."""
    value = value_at(document, *path)
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []
