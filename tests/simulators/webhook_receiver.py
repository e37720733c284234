"""An integrator's server: a real HTTP(S) server on loopback. The PyPI package standardwebhooks verifies signatures.

It misbehaves on command: other statuses, no answer, a byte now and then, a redirect.
"""

import json
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True)
class Received:
    """One request: its path, headers with small letters, raw body, and the status of the answer."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass(frozen=True)
class Answer:
    """How the server answers: `drip` sends a byte each `drip` seconds in place of an answer, `silence` sends none."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    silence: float = 0.0
    drip: float = 0.0
    body: bytes = b"ok"


Script = Callable[[str, dict[str, Any]], Answer]


class Receiver:
    """Listens on a free port of loopback. `answer` decides by path and message."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answer: Script = lambda _path, _message: Answer()
        self.requests: list[Received] = []
        self._lock = threading.Lock()
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver._serve(self)

            def do_GET(self) -> None:
                receiver.requests.append(Received(self.path, {}, b"", 200))

            def log_message(self, *_: Any) -> None:
                """Silent."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self) -> Any:
                receiver.connections += 1
                return super().get_request()

            def handle_error(self, *_: Any) -> None:
                """A sender that was killed or gave up is no fault of the server."""

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/hook") -> str:
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}{path}"

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """The messages of all requests, each verified. Raises for a signature that does not fit."""
        return [Webhook(secret).verify(request.body, request.headers) for request in self.requests]

    def fits(self, request: Received, secret: str) -> bool:
        """Whether the signature of a request is of this secret."""
        try:
            Webhook(secret).verify(request.body, request.headers)
        except WebhookVerificationError:
            return False
        return True

    def accepted(self) -> list[Received]:
        """The requests that were answered with 2xx."""
        return [request for request in self.requests if 200 <= request.status < 300]

    def accepted_by_subject(self) -> dict[str, list[int]]:
        """The sequences that were accepted, by subject, in the order of their arrival."""
        sequences: dict[str, list[int]] = defaultdict(list)
        for request in self.accepted():
            sequences[request.message["subject"]].append(request.message["sequence"])
        return sequences

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        answer = self.answer(handler.path, json.loads(body))
        with self._lock:
            self.requests.append(Received(handler.path, headers, body, answer.status))
        if answer.silence:
            time.sleep(answer.silence)
        if answer.drip:
            self._drip(handler, answer.drip)
            return
        handler.send_response(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)

    def _drip(self, handler: BaseHTTPRequestHandler, seconds: float) -> None:
        handler.close_connection = True
        try:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000:
                handler.connection.sendall(bytes([byte]))
                time.sleep(seconds)
        except OSError:
            return


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
