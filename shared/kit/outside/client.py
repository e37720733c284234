"""Calls by httpx: each once, several at the same time, and none follows a redirect."""

import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import local as thread_local

import httpcore
import httpx

from shared.kit.addresses.checked_network import CheckedNetwork, Deadline, RefusedAddress
from shared.kit.addresses.url import parsed_url
from shared.kit.outside.exchange import (
    AT_ONCE,
    CALL_SECONDS,
    LONGEST_SECONDS,
    MOST_REPLY,
    Answer,
    Call,
    Lost,
    Reply,
)
from shared.spine.errors import Rejected


class _Transport(httpx.HTTPTransport):
    """httpx's own transport over connections that are checked. httpx has no setting for the network."""

    def __init__(self, network: CheckedNetwork) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(ssl_context=_tls(), max_connections=4, network_backend=network)


class Client:
    """One HTTP client with kept connections, for one thread."""

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._deadline = Deadline()
        # One client serves many services: a cookie of one must reach no other, and an ended session must not come back.
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx.Client(
            transport=_Transport(CheckedNetwork(self._deadline, local=local)),
            timeout=CALL_SECONDS,
            follow_redirects=False,
            trust_env=False,
            cookies=cookies,
        )

    def post(self, call: Call) -> Answer:
        """Send the call once. Never raises for what the service does."""
        self._deadline.begin(min(call.seconds, LONGEST_SECONDS))
        try:
            parsed_url(call.url, local=self._local)
            return self._send(call)
        except (Rejected, RefusedAddress):
            return Answer(lost=Lost.REFUSED_ADDRESS)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failure:
            refused = isinstance(failure.__cause__, RefusedAddress)
            return Answer(lost=Lost.REFUSED_ADDRESS if refused else Lost.NOT_SENT)
        except (httpx.HTTPError, httpx.InvalidURL, httpcore.TimeoutException, ValueError):
            return Answer(lost=Lost.NO_REPLY)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(self, call: Call) -> Answer:
        headers = {"user-agent": "Dumbwaiter/1"} | dict(call.headers)
        with self._http.stream(call.method, call.url, headers=headers, content=call.body) as response:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > MOST_REPLY:
                    return Answer(lost=Lost.TOO_LONG)
            lower = {name.lower(): value for name, value in response.headers.items()}
            return Answer(Reply(response.status_code, lower, bytes(body)))


_clients = thread_local()


def post_all(calls: Sequence[Call], *, local: bool) -> list[Answer]:
    """The answers in order. Calls run at the same time, because one slow service must not delay another."""
    if len(calls) <= 1:
        return [_client(local=local).post(call) for call in calls]
    return list(_threads().map(lambda call: _client(local=local).post(call), calls))


def _client(*, local: bool) -> Client:
    """The client of this thread. Its connections are kept between calls."""
    clients = vars(_clients)
    name = f"local{local}"
    if name not in clients:
        clients[name] = Client(local=local)
    client: Client = clients[name]
    return client


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, "outside")


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
