"""A gateway between a client and the API: it refuses, loses replies or lies about the region, one request at a time."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

# Headers that belong to one connection.
OF_A_CONNECTION = {"connection", "host", "transfer-encoding", "content-length", "content-encoding", "date", "server"}


@dataclass
class FlakyApi:
    """`faults` are for the next requests, one each: a status, "lost" (done, without a reply), "cut" or an epoch."""

    base: str
    faults: list[str] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    @contextmanager
    def serving(self) -> Iterator["FlakyApi"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> httpx.Response | None:
        """The reply to a request; None closes the connection without one."""
        self.seen.append({name.lower(): value for name, value in headers.items()})
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "cut":
            return None
        if fault.isdigit():
            problem = {} if fault in ("404", "502") else {"code": "busy", "detail": "later", "status": int(fault)}
            return httpx.Response(int(fault), headers={"Retry-After": "0"}, content=json.dumps(problem).encode())
        kept = {name: value for name, value in headers.items() if name.lower() not in OF_A_CONNECTION}
        reply = httpx.request(method, self.base + target, headers=kept, content=body, timeout=60, trust_env=False)
        if fault.startswith("epoch "):
            reply.headers["Dumbwaiter-Epoch"] = fault.removeprefix("epoch ")
        return None if fault == "lost" else reply


def _handler(api: FlakyApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            reply = api.answer(self.command, self.path, dict(self.headers), body)
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status_code)
            for name, value in reply.headers.items():
                if name not in OF_A_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_POST = do_PUT = do_GET  # noqa: N815 - names of http.server

        def log_message(self, *_: Any) -> None:
            """A test's output has no lines of requests."""

    return Handler
