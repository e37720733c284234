"""docs/develop/add-a-system.md, followed exactly: the new system gets sales once, and agrees to the cent."""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.sync.adapters import registry
from functions.sync.states import DocumentState
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.orders import Caller, an_order, paid
from tests.support.paths import ROOT
from tests.support.sync import CHAIN, Sync

PAGE = ROOT / "docs/develop/add-a-system.md"
BLOCK = re.compile(r"`functions/sync/adapters/(\w+)\.py`\n\n   ```python\n(.*?)   ```", re.DOTALL)


class Ledgerfile(BaseHTTPRequestHandler):
    """The system that the page describes. `lose`: so many answers to a PUT are lost."""

    books: dict[str, dict[str, str]] = {}
    lose = 0

    def do_PUT(self) -> None:
        document = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.books[self.path] = document
        if type(self).lose:
            type(self).lose -= 1
            self.close_connection = True
            return
        self._answer(200, {})

    def do_DELETE(self) -> None:
        self.books.pop(self.path, None)
        self._answer(200, {})

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.query:
            day = parse_qs(parts.query)["day"][0]
            kind = parts.path.strip("/")
            self._answer(200, [row for row in self.books.values() if (row["kind"], row["day"]) == (kind, day)])
        elif self.path in self.books:
            self._answer(200, self.books[self.path])
        else:
            self._answer(404, {})

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Ledgerfile.books, Ledgerfile.lose = {}, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ledgerfile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The module of the page as an adapter."""
    [(name, code)] = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    (tmp_path / f"{name}.py").write_text(re.sub("^   ", "", code, flags=re.MULTILINE), encoding="utf-8")
    monkeypatch.setattr(
        "functions.sync.adapters.__path__", [*sys.modules["functions.sync.adapters"].__path__, str(tmp_path)]
    )
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, name))
    return str(name)


def test_the_page_is_followed_exactly(
    env: Environment,
    database: MariaDB,
    call: Caller,
    store: str,
    url: str,
    kind: str,
    moved_clock: Callable[[float], None],
) -> None:
    sync = Sync(env, database.owner.url)
    body = {
        "kind": kind,
        "url": url,
        "credentials": {"token": "t"},
        "same_codes": ["stores", "items", "tenders", "units"],
    }
    reply = sync.call("PUT", f"/v1/sync/systems/erp{CHAIN}", body)
    assert reply.status == 200, reply.text
    sync.begin()
    for _ in range(3):
        call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    Ledgerfile.lose = 1
    for _ in range(3):
        sync.push()
        moved_clock(100)
    assert [row["gross"] for row in Ledgerfile.books.values()] == ["13.25"] * 3
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}
    sync.call.at = int(env.clock().timestamp())
    sync.begin("reconcile", hour=0)
    sync.call.at = int((env.clock() + timedelta(days=2)).timestamp())
    moved_clock(2 * 86_400)
    result = sync.reconcile()
    assert (result["documents"], result["differing_documents"]) == (3, 0), result["differences"]
