"""An outside system as a real HTTP server on loopback: requests one by one, answers, and faults between them."""

import contextlib
import json
import random
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.simulators.faults import LATE, Fault, Plan, Script, as_plan

HTML = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
MOST_BYTES = 8 * 1024 * 1024
# An idle connection of a client that was killed ends after this time.
IDLE_SECONDS = 60


@dataclass(frozen=True)
class Request:
    """One request: the path without its query, the query, headers with small letters, the raw body."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str = ""

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """The fields of a body in the form application/x-www-form-urlencoded."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    """Status, body as bytes, headers. `cut`: only this share of the body is sent, and the connection closes."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json; charset=utf-8"
    cut: float | None = None


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; `Retry_After="1"` gives the header Retry-After."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, text, {name.replace("_", "-"): text for name, text in headers.items()})


@dataclass(frozen=True)
class Seen:
    """A request and its answer. Status 0 means that the connection closed without a whole answer."""

    method: str
    path: str
    status: int
    fault: str
    seconds: float


class HttpSystem:
    """The base of all simulators of outside systems. A system says what a good answer is: `respond`.

    `plan` decides the faults. `limit` is the most requests a second, 0 for no limit.
    """

    def __init__(self, port: int = 0) -> None:
        self.plan: Plan = Script()
        self.limit = 0
        self.seen: deque[Seen] = deque(maxlen=100_000)
        self.calls: Counter[str] = Counter()
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()
        self._pages: dict[str, Answer] = {}
        self._late: list[threading.Timer] = []
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        for timer in self._late:
            timer.cancel()
            timer.join()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def fail(self, plan: Plan | Iterable[Fault | str]) -> None:
        """From now on the faults of this plan; a list is a script: fail(["lost", Fault("slow", "/items", 3)])."""
        self.plan = as_plan(plan)

    # What a system says of itself

    def respond(self, request: Request) -> Answer:
        """The good answer; the work is in the books when it returns."""
        raise NotImplementedError

    def forget_sessions(self) -> None:
        """Every session is lost."""

    def session_lost(self, request: Request) -> Answer:
        """The answer to a request whose session is lost."""
        raise NotImplementedError

    def too_many(self, seconds: float) -> Answer:
        raise NotImplementedError

    def unavailable(self) -> Answer:
        raise NotImplementedError

    def disturb(self, request: Request, answer: Answer) -> None:
        """Rows of this page change after it was read: the fault changed_page."""

    def partly(self, request: Request) -> Answer:
        """The answer when one good document of the batch is refused: the fault partial."""
        return self.respond(request)

    def results_changed(self, fault: str, answer: Answer) -> Answer:
        """An answer to a batch whose results have another order, or lack one."""
        del fault
        return answer

    # How a request meets its fault

    def serve(self, request: Request) -> Answer | None:
        """The answer; None closes the connection without one."""
        self.calls[request.path] += 1
        if self._over_limit():
            return self.too_many(1)
        fault = self.plan.next_fault(request.path)
        began = time.monotonic()
        answer = self._faulty(request, fault) if fault else self._good(request)
        status = 0 if answer is None or answer.cut is not None else answer.status
        took = time.monotonic() - began
        self.seen.append(Seen(request.method, request.path, status, fault.kind if fault else "", took))
        return answer

    def _over_limit(self) -> bool:
        if not self.limit:
            return False
        with self._lock:
            now = time.monotonic()
            while self._recent and self._recent[0] <= now - 1:
                self._recent.popleft()
            if len(self._recent) >= self.limit:
                return True
            self._recent.append(now)
            return False

    def _faulty(self, request: Request, fault: Fault) -> Answer | None:
        if fault.kind == LATE:
            self._work_later(request, fault.seconds)
        if fault.kind in ("cut_before", LATE):
            return None
        if fault.kind == "session_lost":
            self.forget_sessions()
            return self.session_lost(request)
        if fault.kind == "too_many":
            return self.too_many(fault.seconds)
        if fault.kind == "unavailable":
            return self.unavailable()
        if fault.kind == "html":
            return Answer(200, HTML, kind="text/html")
        return self._faulty_after(request, fault)

    def _work_later(self, request: Request, seconds: float) -> None:
        timer = threading.Timer(seconds, self._good, [request])
        timer.daemon = True
        self._late.append(timer)
        timer.start()

    def _faulty_after(self, request: Request, fault: Fault) -> Answer | None:
        if fault.kind == "duplicate_page":
            return self._pages.get(request.path) or self._good(request)
        answer = self.partly(request) if fault.kind == "partial" else self._good(request)
        if fault.kind == "changed_page":
            self.disturb(request, answer)
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        return _spoilt(fault.kind, self.results_changed(fault.kind, answer), self.unavailable())

    def _good(self, request: Request) -> Answer:
        answer = self.respond(request)
        if answer.status == 200:
            self._pages[request.path] = answer
        return answer


def _spoilt(kind: str, answer: Answer, unavailable: Answer) -> Answer | None:
    if kind == "lost":
        return None
    if kind == "failed_after":
        return unavailable
    if kind == "html_after":
        return Answer(200, HTML, kind="text/html")
    if kind == "truncated":
        return replace(answer, body=answer.body[: len(answer.body) // 2])
    return replace(answer, cut=0.5) if kind == "half" else answer


def changed_order(results: list[Any], fault: str) -> list[Any]:
    """The results in another order (reordered), or without the last (missing_result)."""
    if fault == "missing_result":
        return results[:-1]
    return random.Random(len(results)).sample(results, len(results)) if fault == "reordered" else results


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], system: HttpSystem) -> None:
        self.system = system
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: Any) -> None:
        """A client that was killed or gave up is no fault of the server."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    wbufsize = 65536  # head and body in one packet
    server: _Server

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES:
            self.close_connection = True
            self._send(Answer(413, b"{}"))
            return
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, query, headers, self.rfile.read(length), self.path)
        answer = self.server.system.serve(request)
        if answer is None:
            self.close_connection = True
        else:
            self._send(answer)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - names of http.server

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        whole = answer.cut is None
        self.wfile.write(answer.body if whole else answer.body[: int(len(answer.body) * (answer.cut or 0))])
        self.close_connection = self.close_connection or not whole

    def log_message(self, *_: Any) -> None:
        """A test's output has no lines of requests."""
