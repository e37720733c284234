"""The simulated ERP is fair: over 20 seeds a plain client that searches before it repeats loses and doubles nothing."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.simulators import faults
from tests.simulators.erp import Erp
from tests.simulators.erp_books import instant
from tests.simulators.faults import BEFORE, OF_BATCHES, OF_PAGES, Fault, Seeded
from tests.simulators.test_erp import BASE, sale
from tests.support.waiting import wait_until

SEEDS = range(20)
SHARE = 0.3
MOST_TRIES = 500
# A client that gives up while the server still works could not know of the document: here it waits long enough.
LONGEST_WAIT = 60
AFTER = tuple(kind for kind in faults.AFTER if kind != "slow")


class PlainClient:
    """Logs in when it must, and repeats each request until it has a good answer."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp
        self._http = httpx.Client(base_url=erp.url, timeout=LONGEST_WAIT, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def ask(self, work: Callable[[httpx.Client], httpx.Response], field: str) -> Any:
        """The answer, once it is JSON with this field."""
        for _ in range(MOST_TRIES):
            with contextlib.suppress(httpx.TransportError, json.JSONDecodeError):
                reply = work(self._http)
                if reply.status_code == 401:
                    self._log_in()
                elif reply.status_code == 200 and field in reply.json():
                    return reply.json()
        raise AssertionError("no good answer came")

    def post(self, documents: list[dict[str, Any]]) -> None:
        """Search, post the missing ones, search again: no answer to a post is believed."""
        while missing := self._missing(documents):
            with contextlib.suppress(httpx.TransportError):
                self._http.post("/v1/documents", json={"documents": missing})

    def read(self, path: str, field: str, **query: str) -> Iterator[dict[str, Any]]:
        after: str | None = ""
        while after is not None:
            here = {**query, "after": after, "limit": "7"}
            page = self.ask(lambda http, here=here: http.get(path, params=here), field)  # type: ignore[misc]
            yield from page[field]
            after = page["next"]

    def _missing(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        keys = [document["key"] for document in documents]
        search = {"kind": "sale", "keys": keys}
        answer = self.ask(lambda http: http.post("/v1/documents/find", json=search), "documents")
        posted = {document["key"] for document in answer["documents"]}
        return [document for document in documents if document["key"] not in posted]

    def _log_in(self) -> None:
        login = {"user": self._erp.user, "secret": self._erp.secret}
        with contextlib.suppress(httpx.TransportError, json.JSONDecodeError, KeyError):
            token = self._http.post("/v1/session", json=login).json()["token"]
            self._http.headers["Authorization"] = f"Bearer {token}"


@pytest.fixture
def erp() -> Iterator[Erp]:
    with Erp() as erp:
        erp.base(BASE)
        yield erp


@pytest.mark.parametrize("seed", SEEDS)
def test_a_client_that_searches_first_posts_each_document_once(erp: Erp, seed: int) -> None:
    plan = Seeded(seed, SHARE, (*BEFORE, *AFTER, *OF_BATCHES))
    erp.fail(plan)
    with contextlib.closing(PlainClient(erp)) as client:
        for batch in range(5):
            client.post([sale(f"{batch}-{place}") for place in range(10)])
    assert len(erp.books.copies("sale")) == 50
    assert set(erp.books.copies("sale").values()) == {1}
    assert plan.met, "a seed without faults shows nothing"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_client_that_reads_with_overlap_has_each_row_as_it_is_now(erp: Erp, seed: int) -> None:
    begin = instant(erp.books.clock())
    erp.books.put("items", [{"code": f"I{place:02}", "changed_at": begin} for place in range(40)])
    erp.fail(Seeded(seed, SHARE, (*BEFORE, *AFTER, *OF_PAGES)))
    rows: dict[str, dict[str, Any]] = {}
    with contextlib.closing(PlainClient(erp)) as client:
        # Rows that change under way leave the first window, and are in the second.
        for since, until in ((begin, instant(erp.books.clock())), (begin, "9999")):
            for row in client.read("/v1/items", "items", changed_from=since, changed_to=until):
                known = rows.get(row["code"], {"changed_at": ""})
                rows[row["code"]] = max(row, known, key=lambda version: str(version["changed_at"]))
            erp.fail([])
    assert rows == {code: erp.books.get("items", code) for code in (f"I{place:02}" for place in range(40))}


def test_late_work_is_done_after_a_search_that_did_not_see_it(erp: Erp) -> None:
    with contextlib.closing(PlainClient(erp)) as client:
        client.post([sale("first")])
        erp.fail([Fault("late", "/v1/documents", seconds=3)])
        with pytest.raises(httpx.RemoteProtocolError):
            client._http.post("/v1/documents", json={"documents": [sale("late")]})
        assert "late" not in erp.books.copies("sale")
        wait_until(lambda: "late" in erp.books.copies("sale"))
    assert erp.books.copies("sale") == {"first": 1, "late": 1}
