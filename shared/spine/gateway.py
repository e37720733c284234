"""API gateway events → a WSGI app, and its answer → what the gateway takes.

The gateway's payload 2.0 is read here, because serverless-wsgi takes a tenth of an order's time for it. It reads the
payload 1.0 of a REST API.
"""

import io
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Event = dict[str, Any]

# A body of another type leaves as base64, which a REST API hands to callers as it is.
_PROBLEM = "application/problem+json"
_TEXT = ("text/", "application/json", _PROBLEM, "application/javascript", "application/xml", "image/svg+xml")


def answer(app: WsgiApp, event: Event, context: Any) -> Event:
    """The app's answer to an event of an HTTP API or of a REST API."""
    if event.get("version") == "2.0":
        return _answer(app, event)
    import serverless_wsgi  # noqa: PLC0415 - an HTTP API's cold start does not pay for it

    if _PROBLEM not in serverless_wsgi.TEXT_MIME_TYPES:
        serverless_wsgi.TEXT_MIME_TYPES.append(_PROBLEM)
    answered: Event = serverless_wsgi.handle_request(app, event, context)
    return answered


def _answer(app: WsgiApp, event: Event) -> Event:
    started: list[Any] = []
    body = b"".join(app(_environ(event), lambda status, headers, _=None: started.extend((status, headers))))
    status, headers = started
    answered: Event = {"statusCode": int(status[:3]), "headers": dict(headers)}
    if len(cookies := [value for name, value in headers if name.lower() == "set-cookie"]) > 1:
        answered["cookies"] = cookies
    if body:
        is_text = str(answered["headers"].get("Content-Type", "text/plain")).startswith(_TEXT)
        answered["body"] = body.decode() if is_text else b64encode(body).decode()
        answered["isBase64Encoded"] = not is_text
    return answered


def _environ(event: Event) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of a request: its texts are bytes, read as Latin-1."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    http = event.get("requestContext", {}).get("http", {})
    text = event.get("body") or ""
    body = b64decode(text) if event.get("isBase64Encoded") else text.encode()
    environ = {
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": _latin1(headers.get("content-type", "")),
        # The gateway has decoded it. So what follows a question mark is no query.
        "PATH_INFO": _latin1(unquote(event["rawPath"])),
        "QUERY_STRING": _latin1(event.get("rawQueryString", "")),
        "REMOTE_ADDR": http.get("sourceIp", ""),
        "REQUEST_METHOD": http.get("method", ""),
        "SCRIPT_NAME": "",
        "SERVER_NAME": headers.get("host", "lambda"),
        "SERVER_PORT": headers.get("x-forwarded-port", "443"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.errors": sys.stderr,
        "wsgi.input": io.BytesIO(body),
        "wsgi.multiprocess": False,
        "wsgi.multithread": False,
        "wsgi.run_once": False,
        "wsgi.url_scheme": headers.get("x-forwarded-proto", "https"),
        "wsgi.version": (1, 0),
    }
    # A gateway gives cookies apart, or leaves them in the headers.
    cookies = event.get("cookies")
    headers["cookie"] = "; ".join(cookies) if cookies is not None else headers.get("cookie", "")
    for name, value in headers.items():
        if name not in {"content-type", "content-length"}:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def _latin1(text: str) -> str:
    return text if text.isascii() else text.encode().decode("latin-1")
