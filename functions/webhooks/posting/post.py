"""One POST to an endpoint: to a checked address, in a bounded time, with a bounded reply, and without a redirect."""

import http.client
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from threading import Timer

from shared.kit.addresses.resolution import resolve
from shared.kit.addresses.url import Url, parsed_url
from shared.spine.errors import Rejected

# From the name's resolution to the status of the reply.
SECONDS = 10.0
# The body of a reply says nothing to us. It is read once, so that the receiver sees an orderly end.
REPLY_BYTES = 16 * 1024
REPLY_SECONDS = 0.5
# An endpoint that asks for more waits for its next try by our own schedule.
LONGEST_RETRY_AFTER = 24 * 60 * 60.0
HEADERS = {"content-type": "application/json", "user-agent": "Dumbwaiter-Webhooks/1", "connection": "close"}


class PostError(StrEnum):
    """Why a request had no status."""

    URL_REFUSED = "url_refused"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    REPLY_MALFORMED = "reply_malformed"


@dataclass(frozen=True)
class Request:
    """A signed request."""

    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """The status of the reply, or the error; seconds that the endpoint asks to wait, and seconds that it took."""

    status: int | None = None
    error: PostError | None = None
    retry_after: float | None = None
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether the endpoint has the message: any status 2xx."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def gone(self) -> bool:
        """Whether the endpoint asked for no more messages."""
        return self.status == HTTPStatus.GONE


def post(request: Request, *, local: bool) -> Outcome:
    """Send the request once; `local` allows http and this machine. Never raises for what the endpoint does."""
    began_at = time.monotonic()
    try:
        outcome = _exchange(request, began_at + SECONDS, local=local)
    except Rejected:
        outcome = Outcome(error=PostError.URL_REFUSED)
    except ssl.SSLError as failure:
        outcome = Outcome(error=PostError.TIMED_OUT if _is_late(began_at, failure) else PostError.TLS_FAILED)
    except OSError as failure:
        outcome = Outcome(error=PostError.TIMED_OUT if _is_late(began_at, failure) else PostError.CONNECT_FAILED)
    except (http.client.HTTPException, ValueError):
        outcome = Outcome(error=PostError.TIMED_OUT if _is_late(began_at) else PostError.REPLY_MALFORMED)
    return Outcome(outcome.status, outcome.error, outcome.retry_after, time.monotonic() - began_at)


def _is_late(began_at: float, failure: Exception | None = None) -> bool:
    return isinstance(failure, TimeoutError) or time.monotonic() >= began_at + SECONDS


def _exchange(request: Request, deadline: float, *, local: bool) -> Outcome:
    url = parsed_url(request.url, local=local)
    plain = _connect(resolve(url, local=local, seconds=deadline - time.monotonic()), url.port, deadline)
    # A receiver that sends a byte now and then never exceeds the time-out of a socket. So a watch ends the connection.
    watched = plain.dup()
    watch = Timer(max(0.0, deadline - time.monotonic()), _end, [watched])
    watch.daemon = True
    watch.start()
    try:
        return _converse(plain, url, request)
    finally:
        watch.cancel()
        watched.close()


def _connect(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """A connection to the first address that accepts one. The addresses are checked; no name is resolved again."""
    failure: OSError = TimeoutError()
    for address in addresses:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            break
        try:
            return socket.create_connection((address, port), timeout=remaining / 2)
        except OSError as refusal:
            failure = refusal
    raise failure


def _converse(plain: socket.socket, url: Url, request: Request) -> Outcome:
    connection = http.client.HTTPConnection(url.host, url.port)
    with plain if url.scheme == "http" else _tls().wrap_socket(plain, server_hostname=url.host) as sock:
        sock.settimeout(SECONDS)
        connection.sock = sock
        headers = HEADERS | request.headers | {"host": url.authority}
        connection.request("POST", url.target, request.body, headers)
        reply = connection.getresponse()
        outcome = Outcome(reply.status, None, _retry_after(reply.headers.get("Retry-After")))
        with suppress(OSError, http.client.HTTPException, ValueError):
            sock.settimeout(REPLY_SECONDS)
            reply.read1(REPLY_BYTES)
        reply.close()
    return outcome


def _end(watched: socket.socket) -> None:
    with suppress(OSError):
        watched.shutdown(socket.SHUT_RDWR)


def _retry_after(text: str | None) -> float | None:
    """Seconds of the header Retry-After (RFC 9110, section 10.2.3), at most a day. None for what is no such header."""
    if text is None:
        return None
    try:
        seconds = float(int(text)) if text.strip().isdigit() else _seconds_until(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _seconds_until(text: str) -> float:
    moment = parsedate_to_datetime(text)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
