"""A client keeps the highest epoch that it has seen, and refuses a lower one."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from stack.signed_requests import Caller, RegionSuperseded

KEY = {"id": "till", "secret": "s3cret"}


@contextmanager
def region(epochs: list[str | None], seen: list[str | None]) -> Iterator[str]:
    """A server whose replies have these epochs, in turn; `seen` gets the epoch of each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Dumbwaiter-Epoch"))
            self.send_response(200)
            if epoch := epochs.pop(0):
                self.send_header("Dumbwaiter-Epoch", epoch)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_highest_epoch_goes_with_each_request_and_a_lower_one_is_refused() -> None:
    seen: list[str | None] = []
    with region([None, "3", "3", "4", "3", "4"], seen) as base:
        caller = Caller(base, KEY)
        for _ in range(4):
            assert caller("GET", "/v1/orders").status_code == 200
        with pytest.raises(RegionSuperseded, match="epoch 3, and epoch 4"):
            caller("GET", "/v1/orders")
        assert caller("GET", "/v1/orders").status_code == 200
        caller.http.close()
    assert seen == ["0", "0", "3", "3", "4", "4"]
