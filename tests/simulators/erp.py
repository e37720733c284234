"""A generic ERP behind a REST API: sessions, documents, stock, items, people, sales of tills. It has books of its own.

It does not look for duplicates: the same key posted twice makes two documents. As a program:
`python -m tests.simulators.erp --port 18080 --file books.sqlite --base base.json`.
"""

import argparse
import base64
import hmac
import json
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.simulators import erp_rules
from tests.simulators.erp_books import Books, Row, Total
from tests.simulators.erp_rules import Refused
from tests.simulators.faults import Seeded
from tests.simulators.http_system import Answer, HttpSystem, Request, changed_order, json_answer

USER, SECRET = "sync", "erp-pass-1"
MOST_DOCUMENTS = 100
LARGEST_PAGE = 500
SESSION_SECONDS = 1800
FIRST, LAST = "0000", "9999"  # before and after every time
FEEDS = {"items": "items", "stock": "levels", "employees": "employees", "sales": "sales"}
PUBLIC = (
    "key", "kind", "state", "store", "to_store", "day", "tender", "currency", "net", "tax", "gross",
    "quantity", "refers_to", "reference", "changed_at",
)  # fmt: skip


class Erp(HttpSystem):
    """`poison`: keys that are always refused. `kinds`: what may be posted. `forbidden`: paths that answer 403.

    `on_changed_page` is called with the page by the fault changed_page, in place of a change of the page's first row.
    `most_writers`: how many requests wrote documents at the same time, at most.
    """

    def __init__(self, file: Path | None = None, *, port: int = 0, user: str = USER, secret: str = SECRET) -> None:
        super().__init__(port)
        self.books = Books(file)
        self.user, self.secret = user, secret
        self.session_seconds = SESSION_SECONDS
        self.poison: set[str] = set()
        self.kinds = set(erp_rules.KINDS)
        self.forbidden: set[str] = set()
        self.on_changed_page: Callable[[Row], None] | None = None
        self.most_writers = 0
        self._writers = 0
        self._sessions: dict[str, float] = {}
        self._writers_lock = threading.Lock()
        self._routes: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("POST", "/v1/session"): self._open_session,
            ("POST", "/v1/documents"): self._post_documents,
            ("POST", "/v1/documents/cancel"): self._cancel,
            ("POST", "/v1/documents/find"): self._find,
            ("GET", "/v1/documents"): self._documents,
            ("GET", "/v1/units"): lambda _: json_answer({"units": self.books.codes("units")}),
            ("GET", "/v1/codes"): self._codes,
            **{("GET", f"/v1/{path}"): self._feed(path, feed) for path, feed in FEEDS.items()},
        }

    def close(self) -> None:
        super().close()
        self.books.close()

    # What its people know

    def base(self, document: Row) -> None:
        """Base data: codes {kind: {code: name}}, conversions [[item, unit, factor]], and rows of each feed."""
        for kind, names in document.get("codes", {}).items():
            self.books.add_codes(kind, names)
        for feed in FEEDS.values():
            self.books.put(feed, document.get(feed, []))
        for item, unit, factor in document.get("conversions", []):
            self.books.add_conversion(item, unit, factor)

    def totals(self, kind: str) -> dict[tuple[str, str, str | None], Total]:
        """As Books.totals: the ERP's own sums by store, day and tender."""
        return self.books.totals(kind)

    # Sessions and faults

    def respond(self, request: Request) -> Answer:
        route = self._routes.get((request.method, request.path))
        if route is None:
            return _error(404, "not_found", f"{request.method} {request.path} does not exist.")
        if request.path != "/v1/session" and not self._has_session(request):
            return self.session_lost(request)
        if request.path in self.forbidden:
            return _error(403, "forbidden", f"User {self.user} may not use {request.path}.")
        try:
            return route(request)
        except (ValueError, KeyError, TypeError) as error:
            return _error(400, "malformed", f"The request can't be read: {error!r}")

    def forget_sessions(self) -> None:
        self._sessions.clear()

    def session_lost(self, request: Request) -> Answer:
        del request
        return _error(401, "session_expired", "The session has ended. Open another.")

    def too_many(self, seconds: float) -> Answer:
        refusal = _error(429, "too_many_requests", "Too many requests.")
        return replace(refusal, headers={"Retry-After": str(int(seconds))})

    def unavailable(self) -> Answer:
        return _error(500, "internal", "Something went wrong.")

    def disturb(self, request: Request, answer: Answer) -> None:
        page = json.loads(answer.body)
        if self.on_changed_page:
            self.on_changed_page(page)
            return
        feed = FEEDS.get(request.path.removeprefix("/v1/"), "")
        for row in next(iter(page.values()), [])[:1] if feed else []:
            self.books.put(feed, [{**row, "changed_at": None}])

    def partly(self, request: Request) -> Answer:
        return self._write(request, busy=True) if request.path == "/v1/documents" else self.respond(request)

    def results_changed(self, fault: str, answer: Answer) -> Answer:
        if b'"results"' not in answer.body:
            return answer
        return json_answer({"results": changed_order(json.loads(answer.body)["results"], fault)})

    def _open_session(self, request: Request) -> Answer:
        login = request.json()
        if login["user"] != self.user or not hmac.compare_digest(login["secret"].encode(), self.secret.encode()):
            return _error(401, "bad_login", "User or secret is wrong.")
        token = secrets.token_urlsafe(24)
        self._sessions[token] = time.monotonic() + self.session_seconds
        return json_answer({"token": token, "expires_in": self.session_seconds})

    def _has_session(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and self._sessions.get(token, 0) > time.monotonic()

    # Documents

    def _post_documents(self, request: Request) -> Answer:
        return self._write(request)

    def _write(self, request: Request, *, busy: bool = False) -> Answer:
        if not self._has_session(request):
            return self.session_lost(request)
        documents = request.json()["documents"]
        if not 1 <= len(documents) <= MOST_DOCUMENTS:
            return _error(400, "batch_size", f"A batch has 1 to {MOST_DOCUMENTS} documents, not {len(documents)}.")
        with self._one_more_writer(), self.books.writing():
            results = [self._written(number, row, busy=busy and number == 0) for number, row in enumerate(documents)]
        return json_answer({"results": results})

    def _written(self, index: int, document: Row, *, busy: bool) -> Row:
        try:
            erp_rules.check(self.books, document)
            self._allow(document, busy=busy)
        except Refused as refused:
            return refused.result(index)
        number = self.books.post(document)
        return {"index": index, "status": "posted", "id": str(number), "number": _number(document["kind"], number)}

    def _allow(self, document: Row, *, busy: bool) -> None:
        if document["kind"] not in self.kinds:
            raise Refused("not_allowed", f"Documents of kind {document['kind']} are not taken here.", "kind")
        if document["key"] in self.poison:
            raise Refused("amounts_differ", "The amounts of this document never fit.", "gross")
        if busy:
            raise Refused("busy", "Another user has locked a record. Try again later.")

    @contextmanager
    def _one_more_writer(self) -> Iterator[None]:
        with self._writers_lock:
            self._writers += 1
            self.most_writers = max(self.most_writers, self._writers)
        try:
            yield
        finally:
            with self._writers_lock:
                self._writers -= 1

    def _cancel(self, request: Request) -> Answer:
        return json_answer({"results": [self._cancelled(i, text) for i, text in enumerate(request.json()["ids"])]})

    def _cancelled(self, index: int, text: str) -> Row:
        row = self.books.document(int(text)) if text.isdigit() else None
        if row is None:
            return Refused("unknown_document", f"Document {text} does not exist.", "ids").result(index)
        if self.books.is_closed(row["day"]):
            return Refused("closed_period", f"The day {row['day']} is closed.", "day").result(index)
        self.books.cancel(row["id"])
        return {"index": index, "status": "cancelled", "id": text}

    def _find(self, request: Request) -> Answer:
        wanted = request.json()
        keys = wanted["keys"]
        if not 1 <= len(keys) <= MOST_DOCUMENTS:
            return _error(400, "batch_size", f"A search has 1 to {MOST_DOCUMENTS} keys, not {len(keys)}.")
        places = ", ".join("?" * len(keys))
        sql = f"SELECT * FROM documents WHERE kind = ? AND key IN ({places}) ORDER BY id"
        found = [_stored(row) for row in self.books.rows(sql, wanted["kind"], *keys)]
        return json_answer({"documents": found, "request": wanted.get("request")})

    def _documents(self, request: Request) -> Answer:
        query, limit = request.query, _limit(request)
        rows = self.books.rows(
            "SELECT * FROM documents WHERE kind = ? AND id > ? AND day >= ? AND day < ? ORDER BY id LIMIT ?",
            query["kind"], int(query.get("after") or 0), query.get("day_from", FIRST), query.get("day_to", LAST), limit,
        )  # fmt: skip
        following = str(rows[-1]["id"]) if len(rows) == limit else None
        stored = [_stored(row, with_lines=query.get("lines") == "1") for row in rows]
        return json_answer({"documents": stored, "next": following})

    # Feeds and codes

    def _codes(self, request: Request) -> Answer:
        kind = request.query["kind"]
        if kind not in ("stores", "tenders", "taxes"):
            return _error(400, "malformed", f"There are no codes of kind {kind}.")
        return json_answer({"codes": self.books.codes(kind)})

    def _feed(self, name: str, feed: str) -> Callable[[Request], Answer]:
        field = "levels" if name == "stock" else name

        def answer(request: Request) -> Answer:
            limit, query = _limit(request), request.query
            after = _place(query.get("after") or "")
            rows = self.books.page(feed, query.get("changed_from", FIRST), query.get("changed_to", LAST), after, limit)
            following = _cursor(*rows[-1][:2]) if len(rows) == limit else None
            return json_answer({field: [row for *_, row in rows], "next": following})

        return answer


def _error(status: int, code: str, detail: str) -> Answer:
    return json_answer({"error": {"code": code, "detail": detail}}, status)


def _number(kind: str, number: int) -> str:
    return f"{kind[0].upper()}-{number}"


def _stored(row: Row, *, with_lines: bool = False) -> Row:
    stored = {name: row[name] for name in PUBLIC}
    stored["id"], stored["number"] = str(row["id"]), _number(row["kind"], row["id"])
    stored["payments"] = json.loads(row["payments"]) if row["payments"] != "[]" else []
    if with_lines:
        stored["lines"] = json.loads(row["lines"])
    return stored


def _limit(request: Request) -> int:
    return min(max(int(request.query.get("limit", 100)), 1), LARGEST_PAGE)


def _cursor(changed_at: str, code: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([changed_at, code]).encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[str, str]:
    if not cursor:
        return "", ""
    changed_at, code = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return changed_at, code


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--base", type=Path, help="base data in JSON, as Erp.base takes it")
    parser.add_argument("--user", default=USER)
    parser.add_argument("--secret", default=SECRET)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.0, help="the share of requests that meet a fault")
    parser.add_argument("--faults", default="", help="kinds of faults, separated by commas")
    arguments = parser.parse_args()
    with Erp(arguments.file, port=arguments.port, user=arguments.user, secret=arguments.secret) as erp:
        if arguments.base:
            erp.base(json.loads(arguments.base.read_text(encoding="utf-8")))
        if arguments.share:
            erp.fail(Seeded(arguments.seed, arguments.share, arguments.faults.split(",")))
        print(f"ERP: {erp.url}", flush=True)  # noqa: T201 - the line that its starter waits for
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # before threads are started
    main()
