"""The REST adapter against the simulated ERP: results by document, sessions, pages, and answers that are no good."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from functions.sync.adapters import rest
from functions.sync.adapters.contract import (
    Accepted,
    AccessRefused,
    InDoubt,
    NotSent,
    Refused,
    TargetDocument,
    TargetLine,
)
from functions.sync.documents.document import Kind, LineType
from functions.sync.outside.client import Client
from functions.sync.states import Cause
from tests.simulators.erp import Erp
from tests.simulators.faults import Fault
from tests.support.sync import base

DAY = date(2026, 5, 1)


@pytest.fixture
def adapter(erp: Erp) -> Iterator[rest.RestAdapter]:
    erp.base(base("s1"))
    client = Client(local=True)
    yield rest.make(erp.url, {"user": erp.user, "secret": erp.secret}, {}, client.exchange)
    client.close()


def a_sale(key: str, store: str = "W-s1", day: date = DAY) -> TargetDocument:
    line = TargetLine(LineType.ITEM, "Tea", "I-cola", Decimal(1), "PCS", Decimal("1.00"), Decimal("0.06"), "V6")
    payments = (("CASH", Decimal("1.06")),)
    return TargetDocument(
        key,
        Kind.SALE,
        store,
        day,
        "till 7",
        "CNY",
        None,
        None,
        None,
        (line,),
        payments,
        Decimal("1.00"),
        Decimal("0.06"),
    )


def test_each_document_has_its_own_result(adapter: rest.RestAdapter) -> None:
    results = adapter.post([a_sale("a"), a_sale("b", store="nowhere"), a_sale("c")])
    assert isinstance(results["a"], Accepted)
    assert results["b"] == Refused(Cause.MAPPING, "unknown_store", results["b"].detail)  # type: ignore[union-attr]
    assert isinstance(results["c"], Accepted)


def test_all_copies_of_a_key_are_found(adapter: rest.RestAdapter) -> None:
    adapter.post([a_sale("a"), a_sale("a"), a_sale("b")])
    assert [stored.key for stored in adapter.find(Kind.SALE, ["a", "x"])] == ["a", "a"]


def test_a_lost_session_is_begun_again(adapter: rest.RestAdapter, erp: Erp) -> None:
    adapter.post([a_sale("a")])
    erp.forget_sessions()
    assert isinstance(adapter.post([a_sale("b")])["b"], Accepted)


def test_a_wrong_secret_names_the_person_who_must_act(erp: Erp) -> None:
    client = Client(local=True)
    with pytest.raises(AccessRefused, match="bad_login"):
        rest.make(erp.url, {"user": "sync", "secret": "wrong"}, {}, client.exchange).post([a_sale("a")])
    client.close()


@pytest.mark.parametrize("kind", ["html", "truncated", "lost", "unavailable"])
def test_an_answer_that_is_no_good_is_a_doubt(adapter: rest.RestAdapter, erp: Erp, kind: str) -> None:
    erp.fail([Fault(kind, "/v1/documents")])
    with pytest.raises(InDoubt):
        adapter.post([a_sale("a")])


def test_too_many_requests_are_surely_not_done(adapter: rest.RestAdapter, erp: Erp) -> None:
    erp.fail([Fault("too_many", "/v1/documents", 3)])
    with pytest.raises(NotSent) as failure:
        adapter.post([a_sale("a")])
    assert failure.value.retry_after == 3
    assert adapter.find(Kind.SALE, ["a"]) == []


def test_pages_hold_each_document_of_the_window_once(
    adapter: rest.RestAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "PAGE", 3)
    adapter.post([a_sale(f"k{number}") for number in range(8)] + [a_sale("late", day=date(2026, 5, 2))])
    pages = list(adapter.read_documents(Kind.SALE, DAY, date(2026, 5, 2)))
    assert [len(page) for page in pages] == [3, 3, 2]
    assert {stored.key for page in pages for stored in page} == {f"k{number}" for number in range(8)}


def test_a_cancelled_document_stays_readable(adapter: rest.RestAdapter) -> None:
    result = adapter.post([a_sale("a")])["a"]
    assert isinstance(result, Accepted)
    for _ in range(2):
        assert isinstance(adapter.cancel(Kind.SALE, [result.id])[result.id], Accepted)
    assert [stored.state for stored in adapter.find(Kind.SALE, ["a"])] == ["cancelled"]


def test_an_old_answer_to_a_search_is_not_believed(adapter: rest.RestAdapter, erp: Erp) -> None:
    assert adapter.find(Kind.SALE, ["a"]) == []
    adapter.post([a_sale("a")])
    erp.fail([Fault("duplicate_page", "/v1/documents/find")])
    with pytest.raises(InDoubt, match="answer_stale"):
        adapter.find(Kind.SALE, ["a"])
    assert len(adapter.find(Kind.SALE, ["a"])) == 1
