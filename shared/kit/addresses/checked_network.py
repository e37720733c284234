"""Connections to checked addresses alone, and a deadline for the whole of a request.

httpx limits each read. A system that sends a byte now and then would never exceed that.
"""

import time
from collections.abc import Iterable
from typing import Any

import httpcore

from shared.kit.addresses.resolution import resolve
from shared.kit.addresses.url import DEFAULT_PORTS, HTTPS_PORT, Url
from shared.spine.errors import Rejected


class RefusedAddress(httpcore.ConnectError):
    """The name has an address to which no request may go."""


class Deadline:
    """The end of the present request, by the monotonic clock."""

    def __init__(self) -> None:
        self._ends_at = 0.0

    def begin(self, seconds: float) -> None:
        """A request begins."""
        self._ends_at = time.monotonic() + seconds

    def within(self, seconds: float | None) -> float:
        """The rest of the time, at most `seconds`. Raises `httpcore.ReadTimeout` when there is none."""
        remaining = self._ends_at - time.monotonic()
        if remaining <= 0:
            raise httpcore.ReadTimeout("the deadline of the request has passed")
        return remaining if seconds is None else min(remaining, seconds)


class CheckedNetwork(httpcore.SyncBackend):
    """Resolves a name, checks all its addresses and connects to them. No name is resolved again after the check."""

    def __init__(self, deadline: Deadline, *, local: bool) -> None:
        self._deadline = deadline
        self._local = local

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that accepts one. Raises `httpcore.ConnectError`."""
        scheme = "https" if port == HTTPS_PORT else "http"
        url = Url("", scheme, host, port or DEFAULT_PORTS[scheme], "/")
        try:
            addresses = resolve(url, local=self._local, seconds=self._deadline.within(timeout))
        except Rejected as refusal:
            raise RefusedAddress(refusal.detail) from None
        except TimeoutError:
            raise httpcore.ConnectTimeout("the name was not resolved in time") from None
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                stream = super().connect_tcp(
                    address, port, self._deadline.within(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as refusal:
                failure = refusal
            else:
                return _TimedStream(stream, self._deadline)
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A stream whose reads and writes end at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.within(timeout))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
