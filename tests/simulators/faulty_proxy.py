"""A server between a client and a real system on HTTP: it passes requests on, and has the faults of every simulator."""

from collections.abc import Iterable

import httpx

from tests.simulators.http_system import Answer, HttpSystem, Request, json_answer

# Headers that belong to one connection.
OF_A_CONNECTION = {"connection", "host", "transfer-encoding", "content-length", "content-encoding", "date", "server"}
PATIENCE_SECONDS = 120


class FaultyProxy(HttpSystem):
    """`upstream`: the address of the real system, without a path. Answers pass without the headers of a connection."""

    def __init__(self, upstream: str, *, port: int = 0) -> None:
        super().__init__(port)
        self.upstream = upstream.rstrip("/")
        self._http = httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False)

    def close(self) -> None:
        super().close()
        self._http.close()

    def respond(self, request: Request) -> Answer:
        reply = self._http.request(
            request.method,
            self.upstream + request.target,
            headers=_of_the_message(request.headers.items()),
            content=request.body,
        )
        kind = reply.headers.get("Content-Type", "application/json")
        headers = _of_the_message(reply.headers.items())
        headers.pop("content-type", None)
        return Answer(reply.status_code, reply.content, headers, kind)

    def session_lost(self, request: Request) -> Answer:
        del request
        return Answer(401, b"", kind="text/html")

    def too_many(self, seconds: float) -> Answer:
        return Answer(429, b"", {"Retry-After": str(int(seconds))}, "text/html")

    def unavailable(self) -> Answer:
        return json_answer({"message": "Internal server error"}, 500)


def _of_the_message(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers if name.lower() not in OF_A_CONNECTION}
