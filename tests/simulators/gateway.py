"""A real HTTP server in place of API Gateway's @connections: what was pushed over which connection, and what is gone.

Everything else that functions call goes on to the emulator.
"""

import json
import threading
from collections import defaultdict
from typing import Any
from urllib.parse import unquote

from tests.support.broker import Broker, _Handler


class Gateway(Broker):
    """`gone`: connections that answer 410; `answers`: the status of others; `hung_up`: those that were closed."""

    def __init__(self, emulator: str) -> None:
        super().__init__(emulator)
        self.RequestHandlerClass = _Connections
        self.gone: set[str] = set()
        self.answers: dict[str, int] = {}
        self.hung_up: list[str] = []
        self.failing = False
        self._frames: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._lock = threading.Lock()

    def keep(self, connection: str, text: str) -> None:
        assert len(text.encode()) <= 32 * 1024
        with self._lock:
            self._frames[connection].append(json.loads(text))

    def take(self, connection: str) -> list[dict[str, Any]]:
        """What was pushed since the last look."""
        with self._lock:
            return self._frames.pop(connection, [])


class _Connections(_Handler):
    server: Gateway

    def do_POST(self) -> None:  # noqa: N802 - http.server calls it so
        if "/@connections/" not in self.path:
            super().do_POST()
            return
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        connection = unquote(self.path.rpartition("/")[2])
        if self.server.failing:
            self._answer(503, b"")
        elif status := self.server.answers.get(connection):
            self._answer(status, b"")
        elif connection in self.server.gone:
            self._answer(410, b"")
        else:
            self.server.keep(connection, text)
            self._answer(200, b"")

    def do_DELETE(self) -> None:  # noqa: N802 - http.server calls it so
        self.server.hung_up.append(unquote(self.path.rpartition("/")[2]))
        self._answer(204, b"")
