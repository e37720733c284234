"""The demo goes on whatever an order is answered."""

import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread, Timer

import pytest

from demo import run
from stack.signed_requests import Caller
from tests.support.waiting import on_this_machine


class Till(Caller):
    """A caller of a server of its own, which gives the answers it was told, one after another."""

    def __init__(self, answers: list[tuple[int, dict[str, str]]]) -> None:
        given = iter(answers)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers = next(given)
                self.send_response(status)
                for name, value in {"Content-Length": "2", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_PUT = do_POST  # noqa: N815 - http.server calls them so

            def log_message(self, *_: object) -> None:
                pass

        self.left = given
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        super().__init__(f"http://127.0.0.1:{self.server.server_port}", {"id": "k", "secret": "s"})

    def close(self) -> None:
        self.http.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def answered(request: pytest.FixtureRequest) -> Iterator[Till]:
    with closing(Till(request.param)) as till:
        yield till


SOON = {"Retry-After": "0"}
REFUSED: list[tuple[int, dict[str, str]]] = [(409, {}), (201, {})]


@pytest.mark.parametrize("answered", [REFUSED], indirect=True)
def test_an_order_that_is_refused_is_counted_and_not_sent_again(answered: Till) -> None:
    tally = run.Tally()
    tally.add(run.insist(answered, "/v1/orders", {}, "key"), 100)
    assert (tally.refused, tally.accepted, tally.cents) == (1, 0, 0)
    assert len(list(answered.left)) == 1


@pytest.mark.parametrize("answered", [[(409, SOON), (429, SOON), (503, SOON), (201, {})]], indirect=True)
def test_an_order_that_may_come_later_is_sent_until_it_is_kept(answered: Till) -> None:
    tally = run.Tally()
    tally.add(run.insist(answered, "/v1/orders", {}, "key"), 100)
    assert (tally.accepted, tally.cents) == (1, 100)


@pytest.mark.parametrize("answered", [[(404, {}), (503, SOON), (201, {}), (200, {})]], indirect=True)
def test_a_store_that_another_up_is_opening_is_opened(answered: Till) -> None:
    run._open(answered, "harbour", {"": {}, "/menu": {}})
    assert list(answered.left) == []


@pytest.mark.parametrize("answered", [[(503, {"Retry-After": "60"})]], indirect=True)
def test_nobody_insists_once_the_demo_is_over(answered: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    over = Event()
    monkeypatch.setattr(run, "_over", over)
    Timer(0.2, over.set).start()
    begun = time.monotonic()
    with pytest.raises(InterruptedError):
        run.insist(answered, "/v1/orders", {}, "key")
    assert time.monotonic() - begun < on_this_machine(5)
