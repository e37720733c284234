"""A server with which a journey in a browser acts on the world around it."""

import http.server
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Remote:
    """Acts on the world at the request of a journey: `POST /NAME` calls the function of this name.

    The body has its arguments as a list of JSON; without a body there are none.
    """

    acts: dict[str, Callable[..., Any]]
    server: http.server.HTTPServer = field(init=False)

    def __post_init__(self) -> None:
        acts = self.acts

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = json.dumps(acts[self.path[1:]](*json.loads(sent or b"[]"))).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: the test's output is the journey's."""

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
