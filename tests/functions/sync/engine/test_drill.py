"""Workers are killed at every step, and the ERP misbehaves by a seed: no duplicate, nothing missing."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.sync import push_sales
from functions.sync.engine import send
from functions.sync.engine.batches import LEASE, Batch, Writer
from functions.sync.states import Cause, DocumentState
from shared.spine.entry import Bug
from stack.gateway_event import Context
from tests.simulators.erp import Erp
from tests.simulators.faults import KINDS, Fault, Seeded
from tests.support.orders import Caller, an_order, paid
from tests.support.sync import Sync
from tests.support.sync_documents import BASE, SAME_CODES, intend, sale_documents
from tests.support.sync_kills import killed_at
from tests.support.waiting import wait_until

ORDERS = 5
# A slow answer takes the time of the test.
FAULTS = [kind for kind in KINDS if kind != "slow"]


class WithStaleSearches(Seeded):
    """An old answer comes for searches alone: no network keeps the answer to a request that changes something."""

    def next_fault(self, path: str) -> Fault | None:
        fault = super().next_fault(path)
        if fault and fault.kind == "duplicate_page" and not path.endswith("/find"):
            return Fault("lost")
        return fault


def sell(sync: Sync, call: Caller, store: str, count: int = ORDERS) -> None:
    call.at = int(sync.env.clock().timestamp())
    for _ in range(count):
        assert call("POST", "/v1/orders", an_order(store, payments=paid(1325))).status == 201


def test_a_worker_that_is_killed_at_any_step_leaves_no_duplicate(
    sync: Sync,
    call: Caller,
    store: str,
    erp: Erp,
    moved_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Two batches: the second is claimed while the first is sent.
    monkeypatch.setattr("functions.sync.adapters.rest.RestAdapter.batch", 3)
    steps = 0
    while True:
        sell(sync, call, store)
        if not killed_at(steps, lambda: push_sales.handler({}, Context())):
            break
        steps += 1
        # The lease of the killed worker ends.
        moved_clock(200)
        sync.push(2)
        assert set(erp.books.copies("sale").values()) == {1}
        assert len(erp.books.copies("sale")) == ORDERS * steps
    assert steps >= 7
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}


@pytest.mark.parametrize("seed", range(20))
def test_a_third_of_all_requests_fails_and_nothing_is_lost_or_twice(
    sync: Sync,
    call: Caller,
    store: str,
    erp: Erp,
    moved_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    # Full batches: the next one is claimed while one is sent.
    monkeypatch.setattr("functions.sync.adapters.rest.RestAdapter.batch", 2)
    plan = WithStaleSearches(seed, 0.34, FAULTS, most=40)
    erp.fail(plan)
    for _ in range(12):
        sell(sync, call, store, 2)
        sync.push()
        moved_clock(1000)
    erp.fail([])
    for _ in range(4):
        sync.push()
        moved_clock(1000)
    assert plan.met, "the plan must have met a request"
    assert Counter(erp.books.copies("sale").values()) == {1: 24}
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}
    total = sum((total.gross for total in erp.totals("sale").values()), Decimal(0))
    assert total == Decimal("13.25") * 24


def connect_large(sync: Sync, erp: Erp) -> None:
    """The ERP with the base data of `sale_documents`."""
    erp.base(BASE)
    body = {"kind": "rest", "url": erp.url, "credentials": {"user": erp.user, "secret": erp.secret}}
    path = "/v1/sync/systems/large?chain=demo"
    assert sync.call("PUT", path, body | {"same_codes": SAME_CODES}).status == 200
    sync.begin(name="large")


def test_one_poisoned_document_in_a_thousand_does_not_stop_the_others(sync: Sync, erp: Erp) -> None:
    connect_large(sync, erp)
    documents = sale_documents("poison", 1000)
    intend(sync.env, "demo:large", documents)
    erp.poison = {f"{documents[500].source_key}.1"}
    sync.push()
    states = Counter((row.state, row.cause) for row in sync.rows("large"))
    assert states == {(DocumentState.DONE, None): 999, (DocumentState.PARKED, Cause.DATA): 1}
    erp.poison = set()
    replayed = sync.call("POST", "/v1/sync/systems/large/replays?chain=demo", {"reason": "amounts_differ"})
    assert replayed.json == {"replayed": 1}
    sync.push()
    assert Counter(erp.books.copies("sale").values()) == {1: 1000}
    # 1,000 sales of 31.80.
    assert sum(total.gross for total in erp.totals("sale").values()) == Decimal("31800.00")


def test_functions_with_five_seconds_send_all_in_several_runs(
    sync: Sync, erp: Erp, inbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_large(sync, erp)
    monkeypatch.setattr("functions.sync.adapters.rest.RestAdapter.batch", 20)
    intend(sync.env, "demo:large", sale_documents("cap", 200))
    inbox.take()
    real = send._send_next

    def slow_batch(writer: Writer, *rest: Any) -> Any:
        following = real(writer, *rest)
        env = writer.env
        clock = env.clock
        env.clock = lambda: clock() + timedelta(seconds=1)
        return following

    monkeypatch.setattr(send, "_send_next", slow_batch)
    runs = 0
    while any(row.state != DocumentState.DONE for row in sync.rows("large")):
        push_sales.handler({}, Context(milliseconds=5_000))
        runs += 1
        assert runs < 30
    assert runs > 2
    unfinished = [message for message in inbox.take() if message["type"] == "sync.run_unfinished"]
    assert len(unfinished) >= runs - 1
    assert Counter(erp.books.copies("sale").values()) == {1: 200}


def test_a_document_that_the_system_writes_after_the_connection_closed_is_found_before_it_is_sent_again(
    sync: Sync, call: Caller, store: str, erp: Erp, moved_clock: Callable[[float], None]
) -> None:
    sell(sync, call, store, 1)
    erp.fail([Fault("late", "/v1/documents", 1.0)])
    sync.push()
    requests = len(erp.seen)
    # Within the longest time of a request nothing is searched, and nothing is sent.
    for _ in range(3):
        moved_clock(4)
        sync.push()
    assert len(erp.seen) == requests
    wait_until(lambda: len(erp.books.copies("sale")) == 1)
    moved_clock(60)
    sync.push()
    assert Counter(erp.books.copies("sale").values()) == {1: 1}
    assert [row.state for row in sync.rows()] == [DocumentState.DONE]


def test_a_run_that_reaches_the_end_of_its_time_goes_on_in_the_next(
    sync: Sync, call: Caller, store: str, erp: Erp, monkeypatch: pytest.MonkeyPatch, inbox: Any
) -> None:
    sell(sync, call, store, 12)
    inbox.take()
    monkeypatch.setattr("functions.sync.adapters.rest.RestAdapter.batch", 4)
    real = send._send_next
    batches: list[int] = []

    def one_batch(writer: Writer, *rest: Any) -> Any:
        following = real(writer, *rest)
        env = writer.env
        batches.append(1)
        clock = env.clock
        env.clock = lambda: clock() + LEASE  # the time of the run is over
        return following

    monkeypatch.setattr(send, "_send_next", one_batch)
    sync.push()
    assert len(batches) == 1
    assert [message["type"] for message in inbox.take()] == ["sync.run_unfinished"]
    sync.push(3)
    assert Counter(erp.books.copies("sale").values()) == {1: 12}


def test_a_system_that_is_down_opens_the_breaker_and_says_so(
    sync: Sync, call: Caller, store: str, erp: Erp, moved_clock: Callable[[float], None], inbox: Any
) -> None:
    sell(sync, call, store)
    inbox.take()
    erp.fail(["unavailable"] * 200)
    for _ in range(8):
        sync.push()
        moved_clock(100)
    assert [message["type"] for message in inbox.take()] == ["sync.system_failing"]
    calls = len(erp.seen)
    sync.push()
    assert len(erp.seen) == calls, "nothing is sent while the breaker is open"
    erp.fail([])
    for _ in range(3):
        moved_clock(1000)
        sync.push()
    assert "sync.system_recovered" in [message["type"] for message in inbox.take()]
    assert Counter(erp.books.copies("sale").values()) == {1: ORDERS}


def test_a_worker_whose_lease_has_ended_changes_no_row(
    sync: Sync,
    call: Caller,
    store: str,
    erp: Erp,
    moved_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sell(sync, call, store, 3)
    real = Writer.store_and_claim

    def late(writer: Writer, ended: Batch | None, **claims: bool) -> Batch | None:
        if not ended:
            return real(writer, ended, **claims)
        monkeypatch.setattr(Writer, "store_and_claim", real)
        moved_clock(200)
        sync.push(2)  # another worker, after the lease: it finds the documents, and confirms them
        before = sync.rows()
        claimed = real(writer, ended, **claims)
        assert sync.rows() == before
        return claimed

    monkeypatch.setattr(Writer, "store_and_claim", late)
    sync.push()
    assert Counter(erp.books.copies("sale").values()) == {1: 3}


def test_a_batch_that_was_claimed_and_not_begun_is_given_back(
    sync: Sync, erp: Erp, moved_clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_large(sync, erp)
    monkeypatch.setattr("functions.sync.adapters.rest.RestAdapter.batch", 10)
    intend(sync.env, "demo:large", sale_documents("claimed", 25))
    erp.fail([Fault("unavailable", "/v1/documents")])
    sync.push()
    states = Counter((row.state, row.reason) for row in sync.rows("large"))
    # The first batch has no good answer; the second was claimed meanwhile; the third is as it was.
    assert states == {
        (DocumentState.DOUBTFUL, "http_500"): 10, (DocumentState.PENDING, "not_begun"): 10,
        (DocumentState.PENDING, None): 5,
    }  # fmt: skip
    moved_clock(100)
    sync.push()
    assert Counter(erp.books.copies("sale").values()) == {1: 25}


def test_a_failure_while_a_batch_is_sent_leaves_its_documents_in_doubt(
    sync: Sync, erp: Erp, moved_clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_large(sync, erp)
    monkeypatch.setattr("functions.sync.adapters.rest.RestAdapter.batch", 10)
    intend(sync.env, "demo:large", sale_documents("broken", 25))
    real, calls = Writer._confirm, []

    def break_second(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("the database is away")
        real(*arguments)

    monkeypatch.setattr(Writer, "_confirm", break_second)
    with pytest.raises(Bug):
        sync.push()
    moved_clock(200)
    sync.push()
    assert Counter(erp.books.copies("sale").values()) == {1: 25}
    assert {row.state for row in sync.rows("large")} == {DocumentState.DONE}
