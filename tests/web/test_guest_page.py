"""A page of another origin in a real browser: it places an order with a guest token and the JavaScript client."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from stack.addresses import CHECKOUT
from stack.gateway_event import Context, answer_of, event
from tests.support import order_api
from tests.support.guests import make_token, order_of
from tests.support.orders import Caller

SCRIPT = Path(__file__).parent / "guest_page.mjs"
CLIENT = CHECKOUT / "clients/javascript/dumbwaiter.js"
Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def _serving(reply: Callable[[str, str, dict[str, str], bytes], Reply]) -> Iterator[str]:
    """A web server on a port of this machine; yields its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            sent = {name.lower(): value for name, value in self.headers.items()}
            status, headers, content = reply(self.command, self.path, sent, body)
            self.send_response(status)
            for name, value in (headers | {"content-length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_OPTIONS = do_GET  # noqa: N815 - names of http.server

        def log_message(self, *_: Any) -> None:
            """A test's output has no lines of requests."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _api(method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
    """API Gateway's part: the request as an event of the function, one at a time."""
    answer = answer_of(order_api.handler(event(method, target, headers, body), Context()))
    return answer.status, answer.headers, answer.text.encode()


def _page(_method: str, target: str, _headers: dict[str, str], _body: bytes) -> Reply:
    if target == "/dumbwaiter.js":
        return 200, {"content-type": "text/javascript"}, CLIENT.read_bytes()
    return 200, {"content-type": "text/html"}, b"<!doctype html><title>Order</title>"


@pytest.mark.usefixtures("env")
def test_a_page_orders_with_a_token_and_no_other_origin_does(
    server: Caller,
    store: str,
    browser: str,
) -> None:
    with _serving(_api) as api, _serving(_page) as page:
        token = make_token(server, store, origins=[page])
        other = make_token(server, store, origins=["https://shop.example"])
        names = {
            "API": api,
            "PAGE": page,
            "TOKEN": token["token"],
            "OTHER_TOKEN": other["token"],
            "ORDER": json.dumps(order_of(token)),
            "BROWSER": browser,
        }
        command = ["node", str(SCRIPT)]
        variables = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **names}
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr[-2_000:]
    got = json.loads(done.stdout)
    assert (got["currency"], got["placed"]["total"], got["cancelled"]) == ("USD", 1325, "cancelled")
    assert got["read"] == got["placed"]
    # POST /v1/orders is for guests, so the browser sends a GET too. It sends none to a path without such an operation.
    assert (got["list"], got["store"]) == ("token_not_allowed", "NoReply")
    assert (got["otherOrigin"], got["forged"]) == ("origin_not_allowed", "token_invalid")
    assert "must not hold a secret" in got["secret"]
