"""Requests to outside systems: checked addresses, one deadline, bounded replies, and no second sending of a change."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from functions.sync.outside import client
from functions.sync.outside.exchange import HttpRequest
from shared.kit.addresses import checked_network, resolution
from shared.kit.outside import client as outside
from shared.kit.outside.exchange import Lost

cookies: list[str | None] = []


@contextmanager
def served(status: int, body: bytes, *, retry_after: str = "") -> Iterator[tuple[str, list[str]]]:
    """A server that always answers so; its address, and the methods that it has seen."""
    seen: list[str] = []
    cookies.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.command)
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("Set-Cookie", "session=of-this-system; path=/")
            cookies.append(self.headers.get("cookie"))
            if retry_after:
                self.send_header("Retry-After", retry_after)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def local() -> Iterator[client.Client]:
    made = client.Client(local=True)
    yield made
    made.close()


def test_the_reply_and_its_retry_after_are_read(local: client.Client) -> None:
    with served(429, b"later", retry_after="7") as (url, _):
        [reply] = local.exchange([HttpRequest("POST", url)])
    assert (reply.status, reply.body, reply.retry_after) == (429, b"later", 7.0)


def test_a_safe_request_is_repeated_after_an_error_and_another_is_not(local: client.Client) -> None:
    with served(500, b"") as (url, seen):
        local.exchange([HttpRequest("POST", url)])
        assert seen == ["POST"]
        local.exchange([HttpRequest("GET", url, safe=True)])
    assert seen == ["POST", "GET", "GET", "GET"]


def test_a_reply_that_is_too_long_is_cut_off(local: client.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MOST_REPLY", 1000)
    with served(200, b"x" * 5000) as (url, _):
        assert local.exchange([HttpRequest("GET", url)])[0].failure == Lost.TOO_LONG


def test_a_port_without_a_server_is_known_to_have_done_nothing(local: client.Client) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert local.exchange([HttpRequest("POST", url)])[0].failure == Lost.NOT_SENT


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://[::1]/"]
)
def test_a_private_address_is_refused_outside_of_stage_local(url: str) -> None:
    cloud = client.Client(local=False)
    assert cloud.exchange([HttpRequest("GET", url)])[0].failure == Lost.REFUSED_ADDRESS
    cloud.close()


def test_a_name_that_resolves_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolution, "_addresses", lambda _: ["8.8.8.8", "169.254.169.254"])
    cloud = client.Client(local=False)
    assert cloud.exchange([HttpRequest("GET", "https://erp.vendor.com/")])[0].failure == Lost.REFUSED_ADDRESS
    cloud.close()


def test_no_cookie_is_kept(local: client.Client) -> None:
    with served(200, b"{}") as (url, _):
        local.exchange([HttpRequest("POST", url), HttpRequest("POST", url)])
    assert cookies == [None, None]


def test_a_redirect_is_not_followed(local: client.Client) -> None:
    with served(302, b"") as (url, seen):
        assert local.exchange([HttpRequest("GET", url)])[0].status == 302
    assert seen == ["GET"]


def test_a_server_that_sends_a_byte_now_and_then_meets_the_deadline(
    local: client.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SECONDS", 1.0)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            for _ in range(100):
                time.sleep(0.1)
                try:
                    connection.send(b"H")
                except OSError:
                    return

    threading.Thread(target=drip, daemon=True).start()
    began_at = time.monotonic()
    [reply] = local.exchange([HttpRequest("POST", f"http://127.0.0.1:{listener.getsockname()[1]}")])
    listener.close()
    assert reply.failure == Lost.NO_REPLY
    assert time.monotonic() - began_at < 8


def test_the_deadline_raises_when_it_has_passed() -> None:
    deadline = checked_network.Deadline()
    deadline.begin(-1)
    with pytest.raises(Exception, match="deadline"):
        deadline.within(1)
