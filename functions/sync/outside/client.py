"""Requests by httpx. A safe request is repeated by stamina; a request that changes something is sent once."""

import ssl
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx
import stamina

from functions.sync.outside.exchange import MOST_REPLY, SECONDS, Failure, HttpReply, HttpRequest
from shared.kit.addresses.checked_network import CheckedNetwork, Deadline, RefusedAddress
from shared.kit.addresses.url import parsed_url
from shared.spine.errors import Rejected

# Attempts of a safe request, and the longest time for all of them, in seconds.
ATTEMPTS, LONGEST = 3, 25.0
LONGEST_RETRY_AFTER = 3600.0


class _TryAgain(Exception):
    """A safe request had no good reply."""

    def __init__(self, reply: HttpReply) -> None:
        super().__init__(reply.failure or reply.status)
        self.reply = reply


class _Transport(httpx.HTTPTransport):
    """httpx's own transport over connections that are checked. httpx has no setting for the network."""

    def __init__(self, network: CheckedNetwork) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), max_connections=4, network_backend=network
        )


class Client:
    """One HTTP client with kept connections, for one thread."""

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._deadline = Deadline()
        transport = _Transport(CheckedNetwork(self._deadline, local=local))
        # One client serves many systems: a cookie of one must reach no other, and a lost session must not come back.
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx.Client(
            transport=transport, timeout=SECONDS, follow_redirects=False, trust_env=False, cookies=cookies
        )

    def exchange(self, requests: Sequence[HttpRequest]) -> list[HttpReply]:
        """The replies in order. The first failure is the last reply."""
        replies: list[HttpReply] = []
        for request in requests:
            replies.append(self._repeated(request) if request.safe else self._once(request))
            if replies[-1].failure:
                break
        return replies

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _repeated(self, request: HttpRequest) -> HttpReply:
        try:
            for attempt in stamina.retry_context(
                on=_TryAgain, attempts=ATTEMPTS, timeout=LONGEST, wait_initial=0.1, wait_max=2.0
            ):
                with attempt:
                    reply = self._good(request)
        except _TryAgain as last:
            return last.reply
        return reply

    def _good(self, request: HttpRequest) -> HttpReply:
        reply = self._once(request)
        if reply.failure not in (None, Failure.REFUSED_ADDRESS) or _is_server_error(reply):
            raise _TryAgain(reply)
        return reply

    def _once(self, request: HttpRequest) -> HttpReply:
        self._deadline.begin(SECONDS)
        try:
            parsed_url(request.url, local=self._local)
            return self._send(request)
        except (Rejected, RefusedAddress):
            return HttpReply(failure=Failure.REFUSED_ADDRESS)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            refused = isinstance(failure.__cause__, RefusedAddress)
            return HttpReply(failure=Failure.REFUSED_ADDRESS if refused else Failure.NOT_SENT)
        except (httpx.HTTPError, httpx.InvalidURL, httpcore.TimeoutException, ValueError):
            return HttpReply(failure=Failure.NO_ANSWER)

    def _send(self, request: HttpRequest) -> HttpReply:
        headers = {"user-agent": "Dumbwaiter-Sync/1", "accept": "application/json"} | request.headers
        with self._http.stream(request.method, request.url, headers=headers, content=request.body) as response:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MOST_REPLY:
                    return HttpReply(failure=Failure.TOO_LONG)
            return HttpReply(response.status_code, bytes(body), None, _retry_after(response))


def _is_server_error(reply: HttpReply) -> bool:
    return reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    return min(float(text), LONGEST_RETRY_AFTER) if text.isdigit() else None


@cache
def client(*, local: bool) -> Client:
    """The client of this execution environment. Its connections are kept between calls."""
    return Client(local=local)
