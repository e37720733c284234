"""A changed document is sent only when the one before it is gone: the same sales are never there twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.sync.documents.document import Document
from functions.sync.states import Cause, DocumentState, Goal
from tests.simulators.erp import Erp
from tests.support.sync import CHAIN, Sync
from tests.support.sync_documents import BASE, SAME_CODES, intend, sale_documents

SYSTEM, PATH = "demo:large", f"/v1/sync/systems/large{CHAIN}"
REPLAYS = f"/v1/sync/systems/large/replays{CHAIN}"


@pytest.fixture
def large(sync: Sync, erp: Erp) -> Sync:
    """The ERP with the base data of `sale_documents`."""
    erp.base(BASE)
    body = {"kind": "rest", "url": erp.url, "credentials": {"user": erp.user, "secret": erp.secret}}
    assert sync.call("PUT", PATH, body | {"same_codes": SAME_CODES}).status == 200
    sync.begin(name="large")
    return sync


def changed(document: Document, pieces: int) -> Document:
    """The same sale with another amount on its first line."""
    first, *others = document.lines
    lines = (first._replace(net=1000 * pieces, tax=60 * pieces), *others)
    gross = sum(line.net + line.tax for line in lines)
    return replace(document, lines=lines, payments=(document.payments[0]._replace(amount=gross),))


def valid(erp: Erp) -> list[Any]:
    return [row["gross"] for row in erp.books.rows("SELECT gross FROM documents WHERE state = 'posted' ORDER BY id")]


def states(sync: Sync) -> list[tuple[int, Goal, DocumentState, Cause | None, str | None]]:
    return [(row.revision, row.goal, row.state, row.cause, row.reason) for row in sync.rows("large")]


def test_a_revision_waits_until_the_refused_cancellation_before_it_was_done(large: Sync, erp: Erp) -> None:
    [document] = sale_documents("held", 1)
    intend(large.env, SYSTEM, [document])
    large.push()
    erp.books.close_period("2026-01-01")
    intend(large.env, SYSTEM, [changed(document, 2)])
    large.push(2)
    assert valid(erp) == ["31.80"]
    assert states(large) == [
        (1, Goal.CANCEL, DocumentState.PARKED, Cause.RIGHTS, "closed_period"),
        (2, Goal.POST, DocumentState.PARKED, Cause.RIGHTS, "former_remains"),
    ]
    # A further change, still before the period is open: the revision that was never sent takes it.
    intend(large.env, SYSTEM, [changed(document, 3)])
    large.push(2)
    assert valid(erp) == ["31.80"]
    erp.books.execute("DELETE FROM settings")
    # The reason of the cancellation alone: what waited for it follows by itself.
    assert large.call("POST", REPLAYS, {"reason": "closed_period"}).json == {"replayed": 1}
    large.push(2)
    assert valid(erp) == ["53.00"]
    assert {row.state for row in large.rows("large")} == {DocumentState.DONE}


def test_a_document_that_waits_already_is_released_by_a_person_who_cancelled_it_there(large: Sync, erp: Erp) -> None:
    [document] = sale_documents("by-hand", 1)
    intend(large.env, SYSTEM, [document])
    large.push()
    erp.books.close_period("2026-01-01")
    intend(large.env, SYSTEM, [changed(document, 2)])
    large.push()
    [number] = [row["id"] for row in erp.books.rows("SELECT id FROM documents")]
    erp.books.cancel(number)
    assert large.call("POST", REPLAYS, {"reason": "closed_period", "cancelled_there": True}).status == 422
    body = {"key": document.source_key, "cancelled_there": True}
    assert large.call("POST", REPLAYS, body).json == {"replayed": 1}
    erp.books.execute("DELETE FROM settings")
    large.push()
    assert valid(erp) == ["42.40"]
    assert large.call("POST", REPLAYS, body).json == {"replayed": 0}


@pytest.mark.parametrize("fault", ["lost", "half", "missing_result", "partial", "failed_after", "cut_before"])
def test_a_fault_between_cancellation_and_revision_leaves_one_of_them(
    large: Sync, erp: Erp, moved_clock: Callable[[float], None], fault: str
) -> None:
    [document] = sale_documents(f"fault-{fault}", 1)
    intend(large.env, SYSTEM, [document])
    large.push()
    intend(large.env, SYSTEM, [changed(document, 2)])
    erp.fail([fault])
    for _ in range(4):
        large.push()
        assert len(valid(erp)) <= 1
        moved_clock(1000)
    assert valid(erp) == ["42.40"]
    assert {row.state for row in large.rows("large")} == {DocumentState.DONE}
