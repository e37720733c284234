"""Signed calls over one kept-alive connection per service."""

import http.client
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from shared.spine.aws.sigv4 import TIMEOUT_SECONDS, Credentials, Signer, read_credentials
from shared.spine.clock import Clock
from shared.spine.errors import Misconfigured, Unavailable
from shared.spine.settings import Settings

# Model sets are megabytes, and no caller waits for them. A called function takes as long as its own work.
SECONDS = {"s3": 20.0, "lambda": 30.0}
REFRESH_BEFORE = timedelta(minutes=5)


class Answer(NamedTuple):
    """The answer of a service; `tag` is its entity tag, or ''."""

    status: int
    body: bytes
    tag: str


class SignedCalls:
    """The calls that all services share."""

    def __init__(self, settings: Settings, clock: Clock, read: Callable[[], Credentials] = read_credentials) -> None:
        self._settings = settings
        self._clock = clock
        self._read = read
        self._credentials: Credentials | None = None
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def close(self) -> None:
        """Close the connections."""
        while self._connections:
            self._connections.popitem()[1].close()

    def call(self, service: str, target: str, document: Mapping[str, Any], version: str) -> dict[str, Any]:
        """The answer of a service that speaks JSON `version`. `target` names the operation. Raises as `signed`."""
        headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
        answer: dict[str, Any] = json.loads(self._post(service, headers, json.dumps(document).encode()))
        return answer

    def _post(self, service: str, headers: Mapping[str, str], body: bytes) -> bytes:
        answer = self._signed("POST", service, f"{self._address(service)}/", headers, body)
        if answer.status != HTTPStatus.OK:
            raise refused(service, answer)
        return answer.body

    def _signed(self, method: str, service: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer. Raises `Unavailable` when the service did not answer, or asks for a later try."""
        signed = self._signer(service).sign(method, url, headers, body)
        try:
            answer = self._exchange(method, service, url, signed, body)
        except (OSError, http.client.HTTPException) as failure:
            self._connections.pop(service).close()
            raise Unavailable("aws_unreachable", f"{service} did not answer: {type(failure).__name__}") from failure
        if _asks_for_a_later_try(answer):
            raise Unavailable("aws_unavailable", f"{service} answered {answer.status}")
        return answer

    def _signer(self, service: str) -> Signer:
        now = self._clock()
        return Signer(service, self._settings.region, self._current_credentials(now), now)

    def _address(self, service: str) -> str:
        return service_address(self._settings, service)

    def _exchange(self, method: str, service: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        path = url.removeprefix("{0.scheme}://{0.netloc}".format(urlsplit(url)))
        reused = service in self._connections
        connection = self._connections.setdefault(service, _connect(url, service))
        try:
            response = _send(connection, method, path, headers, body)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # The service may close an idle connection at any moment; a new connection may still work.
            if not reused:
                raise
            connection.close()
            response = _send(connection, method, path, headers, body)
        return Answer(response.status, response.read(), response.headers.get("ETag", ""))

    def _current_credentials(self, now: datetime) -> Credentials:
        credentials = self._credentials
        if credentials is None or (credentials.expires and credentials.expires - now < REFRESH_BEFORE):
            credentials = self._credentials = self._read()
        return credentials


def service_address(settings: Settings, service: str) -> str:
    """The address of a service. A VPC without NAT reaches the names that also have IPv6; S3 has a name of its own."""
    if settings.aws_endpoint:
        return settings.aws_endpoint
    if not settings.dual_stack_suffix:
        return f"https://{service}.{settings.region}.{settings.url_suffix}"
    if service == "s3":
        return f"https://s3.dualstack.{settings.region}.{settings.url_suffix}"
    return f"https://{service}.{settings.region}.{settings.dual_stack_suffix}"


def refused(service: str, answer: Answer) -> Misconfigured:
    """The error for an answer that a later try does not change."""
    text = answer.body[:200].decode(errors="replace")
    return Misconfigured("aws_refused", f"{service} refused with {answer.status}: {text}")


def _asks_for_a_later_try(answer: Answer) -> bool:
    throttled = answer.status >= HTTPStatus.BAD_REQUEST and b"Throttl" in answer.body[:500]
    return (
        throttled or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS
    )


def _send(
    connection: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> http.client.HTTPResponse:
    connection.request(method, path, body, dict(headers))
    return connection.getresponse()


def _connect(url: str, service: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.netloc, timeout=SECONDS.get(service, TIMEOUT_SECONDS))
