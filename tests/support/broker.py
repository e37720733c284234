"""A real HTTP server between functions and the emulator that can refuse, hang or fail single messages."""

import http.client
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

# What is answered in the emulator's place: status and body.
INSTEAD = {
    "refuse": (503, b"<Error>ServiceUnavailable</Error>"),
    "refuse batch": (400, b"<Error>InvalidParameter</Error>"),
    "garbage": (200, b"<what is this"),
}


class Broker(ThreadingHTTPServer):
    """Passes everything on, but publishing only as `mode` says: pass, refuse (503), garbage for an answer, hang, slow
    (0.3 s), hold (until `released`), cut the connection, or for batches that hold the text `poison`: "refuse batch"
    (400) or "refuse entry", which takes the others.

    `published` counts PublishBatch calls that were passed on; `asked` is set when one arrives.
    """

    daemon_threads = True

    def __init__(self, emulator: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.emulator = urlsplit(emulator).netloc
        self.mode, self.poison = "pass", ""
        self.published = 0
        self.asked, self.released = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.released.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True  # its answers are two writes, and the second waited 40 ms
    protocol_version = "HTTP/1.1"
    server: Broker

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body.startswith(b"Action=PublishBatch&"):
            self.server.asked.set()
            self._publish(body)
        else:
            self._pass_on(body)

    def _publish(self, body: bytes) -> None:
        mode = self.server.mode
        poisoned = any(self.server.poison in value for _, value in parse_qsl(body.decode()))
        if mode in ("hang", "cut"):
            if mode == "hang":
                self.server.released.wait(30)
            self.close_connection = True
        elif mode in INSTEAD and (poisoned or mode != "refuse batch"):
            self._answer(*INSTEAD[mode])
        else:
            if mode == "hold":
                self.server.released.wait(30)
            time.sleep(0.3 if mode == "slow" else 0)
            self.server.published += 1
            self._pass_on(without_poison(body, self.server.poison) if mode == "refuse entry" else body)

    def _pass_on(self, body: bytes) -> None:
        upstream = http.client.HTTPConnection(self.server.emulator, timeout=10)
        upstream.request("POST", self.path, body, dict(self.headers) | {"Content-Length": str(len(body))})
        reply = upstream.getresponse()
        self._answer(reply.status, reply.read())
        upstream.close()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def without_poison(body: bytes, poison: str) -> bytes:
    """A PublishBatch form without the entries whose message holds `poison`; an empty batch where none is left."""
    form = parse_qsl(body.decode())
    entry = re.compile(r"PublishBatchRequestEntries\.member\.(\d+)\.")
    bad = {entry.match(name)[1] for name, value in form if name.endswith(".Message") and poison in value}  # type: ignore[index]
    return urlencode([(n, v) for n, v in form if not ((found := entry.match(n)) and found[1] in bad)]).encode()
