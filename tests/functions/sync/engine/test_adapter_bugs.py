"""A bug of an adapter at one document: that one is parked, and all others are sent once."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from functions.sync.adapters.rest import RestAdapter
from functions.sync.engine.intents import Intent
from functions.sync.engine.plan import store_changes
from functions.sync.states import Cause, DocumentState, Flow
from tests.functions.sync.engine.test_drill import connect_large
from tests.simulators.erp import Erp
from tests.support.sync import CHAIN, Sync
from tests.support.sync_documents import intend, sale_documents

ONE_PARKED = {(DocumentState.DONE, None, None): 19, (DocumentState.PARKED, Cause.BUG, "adapter_failed"): 1}


def states(sync: Sync) -> Counter[Any]:
    return Counter((row.state, row.cause, row.reason) for row in sync.rows("large"))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_document_at_which_posting_fails_is_parked_alone(
    sync: Sync, erp: Erp, moved_clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    connect_large(sync, erp)
    documents = sale_documents(f"bug-{when}", 20)
    bad = f"{documents[7].source_key}.1"
    real = RestAdapter.post

    def post(self: RestAdapter, sent: Sequence[Any]) -> Any:
        has_bug = bad in {document.key for document in sent}
        if has_bug and when == "before":
            raise KeyError("a field")
        results = real(self, sent)
        if has_bug:
            raise KeyError("a field")
        return results

    monkeypatch.setattr(RestAdapter, "post", post)
    intend(sync.env, "demo:large", documents)
    for _ in range(3):
        sync.push()
        moved_clock(1000)
    # What was sent before the bug is found, and so is the document with the bug.
    assert states(sync) == (ONE_PARKED if when == "before" else {(DocumentState.DONE, None, None): 20})
    assert set(erp.books.copies("sale").values()) == {1}
    assert len(erp.books.copies("sale")) == (19 if when == "before" else 20)
    monkeypatch.setattr(RestAdapter, "post", real)
    sync.call.at = int(sync.env.clock().timestamp())
    sync.call("POST", f"/v1/sync/systems/large/replays{CHAIN}", {"cause": "bug"})
    sync.push()
    assert states(sync) == {(DocumentState.DONE, None, None): 20}
    assert set(erp.books.copies("sale").values()) == {1}


def test_a_document_at_which_the_search_fails_is_parked_alone(
    sync: Sync, erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_large(sync, erp)
    documents = sale_documents("bug-search", 20)
    bad = f"{documents[7].source_key}.1"
    real = RestAdapter.find

    def find(self: RestAdapter, kind: Any, keys: Sequence[str]) -> Any:
        if bad in keys:
            raise KeyError("a field")
        return real(self, kind, keys)

    monkeypatch.setattr(RestAdapter, "find", find)
    with sync.env.db.transaction() as transaction:
        intent = Intent("demo:large", Flow.PUSH_SALES, "demo", sync.env.clock(), search_first=True)
        store_changes(transaction, documents, [document.group for document in documents], intent)
    sync.push(2)
    assert states(sync) == ONE_PARKED
    assert set(erp.books.copies("sale").values()) == {1}
