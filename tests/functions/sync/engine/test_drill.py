"""Workers are killed at every step, and the ERP misbehaves by a seed: no duplicate, nothing missing."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from multiprocessing import get_context
from typing import Any

import pytest

from functions.sync import push_sales
from functions.sync.engine import send, target
from functions.sync.outside import remote
from functions.sync.states import Cause, DocumentState
from shared.spine import db as db_module
from shared.spine import env as env_module
from shared.spine.env import Environment
from stack.gateway_event import Context
from tests.simulators.erp import Erp
from tests.simulators.faults import KINDS, Seeded
from tests.support.orders import Caller, an_order, paid
from tests.support.sync import Sync

ORDERS = 5
# A slow answer takes the time of the test, and a page that comes twice is a fault of lists: see test_rest.py.
FAULTS = [kind for kind in KINDS if kind not in ("slow", "duplicate_page")]


def sell(sync: Sync, call: Caller, store: str, count: int = ORDERS) -> None:
    call.at = int(sync.env.clock().timestamp())
    for _ in range(count):
        assert call("POST", "/v1/orders", an_order(store, payments=paid(1325))).status == 201


def run_and_die(step: int) -> None:
    """In a process of its own: the timer runs, and is killed at the step. A step is a commit or a request."""
    env_module.environment.cache_clear()
    steps = iter(range(10_000))

    def die_at(step_now: int) -> None:
        if step_now == step:
            os.kill(os.getpid(), signal.SIGKILL)

    real_transaction, real_exchange = db_module.Database.transaction, remote.exchange_of

    def transaction(self: Any) -> Any:
        die_at(next(steps))  # before a transaction, which is also after the commit of the one before
        return real_transaction(self)

    def exchange_of(env: Environment) -> Any:
        exchange = real_exchange(env)

        def dying(requests: Any) -> Any:
            die_at(next(steps))
            replies = exchange(requests)
            die_at(next(steps))
            return replies

        return dying

    db_module.Database.transaction = transaction  # type: ignore[method-assign]
    vars(target)["exchange_of"] = exchange_of
    push_sales.handler({}, Context())


def killed_at(step: int) -> bool:
    """Whether the run lived until that step."""
    process = get_context("fork").Process(target=run_and_die, args=(step,))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode == -signal.SIGKILL


def test_a_worker_that_is_killed_at_any_step_leaves_no_duplicate(
    sync: Sync, call: Caller, store: str, erp: Erp, moved_clock: Callable[[float], None]
) -> None:
    steps = 0
    while True:
        sell(sync, call, store)
        if not killed_at(steps):
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
    sync: Sync, call: Caller, store: str, erp: Erp, moved_clock: Callable[[float], None], seed: int
) -> None:
    plan = Seeded(seed, 0.34, FAULTS, most=40)
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


def test_one_poisoned_document_does_not_stop_the_others(sync: Sync, call: Caller, store: str, erp: Erp) -> None:
    sell(sync, call, store, 30)
    erp.poison = Poison(13)
    sync.push()
    states = Counter((row.state, row.cause) for row in sync.rows())
    assert states == {(DocumentState.DONE, None): 29, (DocumentState.PARKED, Cause.DATA): 1}
    erp.poison = set()
    assert sync.call("POST", "/v1/sync/systems/erp/replays?chain=demo", {"reason": "amounts_differ"}).json == {
        "replayed": 1
    }
    sync.push()
    assert Counter(erp.books.copies("sale").values()) == {1: 30}


class Poison(set[str]):
    """Says of the nth key that is asked for, and of it alone, that it is in the set."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._asked: list[str] = []

    def __contains__(self, key: object) -> bool:
        if key not in self._asked:
            self._asked.append(str(key))
        return self._asked.index(str(key)) == self._number


def test_a_run_that_reaches_the_end_of_its_time_goes_on_in_the_next(
    sync: Sync, call: Caller, store: str, erp: Erp, monkeypatch: pytest.MonkeyPatch, inbox: Any
) -> None:
    sell(sync, call, store, 12)
    inbox.take()
    monkeypatch.setattr("functions.sync.adapters.rest.RestAdapter.batch", 4)
    real = send._send_batch
    batches: list[int] = []

    def one_batch(env: Environment, *rest: Any) -> None:
        real(env, *rest)
        batches.append(1)
        clock = env.clock
        env.clock = lambda: clock() + send.LEASE  # the time of the run is over

    monkeypatch.setattr(send, "_send_batch", one_batch)
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
        moved_clock(20)
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
    real = send._confirm

    def late(*arguments: Any) -> None:
        monkeypatch.setattr(send, "_confirm", real)
        moved_clock(200)
        sync.push(2)  # another worker, after the lease: it finds the documents, and confirms them
        before = sync.rows()
        real(*arguments)
        assert sync.rows() == before

    monkeypatch.setattr(send, "_confirm", late)
    sync.push()
    assert Counter(erp.books.copies("sale").values()) == {1: 3}
