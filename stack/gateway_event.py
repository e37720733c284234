"""API gateway's side of a request: the event that a function gets (HTTP API, payload 2.0), and its reply."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """The reply of a handler."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Context:
    """Lambda's context object, as far as it is used."""

    aws_request_id: str = "request-1"
    milliseconds: int = 30_000
    function_name: str = "local"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def event(method: str, target: str, headers: dict[str, str], content: bytes) -> dict[str, Any]:
    """The event of a request."""
    parts = urlsplit(target)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": headers,
        "requestContext": {
            "http": {"method": method, "path": parts.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "stage": "$default",
            "domainName": "api",
        },
        "body": base64.b64encode(content).decode() if content else None,
        "isBase64Encoded": bool(content),
    }


def answer_of(reply: dict[str, Any]) -> Answer:
    """The reply, decoded."""
    text = reply.get("body") or ""
    if reply.get("isBase64Encoded"):
        text = base64.b64decode(text).decode()
    return Answer(reply["statusCode"], {name.lower(): v for name, v in reply.get("headers", {}).items()}, text)
