"""A backfill of many documents and days does not hold up what is sold meanwhile."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from functions.sync.engine.intents import Intent
from functions.sync.engine.plan import store_changes
from functions.sync.engine.send import send_due
from functions.sync.states import DocumentState, Flow
from functions.sync.tables.days import DueDay, read_due_day, upsert_days
from tests.functions.sync.engine.test_drill import connect_large
from tests.simulators.erp import Erp
from tests.support.sync import Sync
from tests.support.sync_documents import intend, sale_documents

SYSTEM = "demo:large"
BACKFILLED, LIVE = 1_000, 150


def states(sync: Sync) -> Counter[Any]:
    return Counter(row.state for row in sync.rows("large"))


def test_documents_of_a_backfill_are_sent_after_all_others(sync: Sync, erp: Erp, monkeypatch: Any) -> None:
    connect_large(sync, erp)
    documents = sale_documents("backfill", BACKFILLED)
    with sync.env.db.transaction() as transaction:
        intent = Intent(SYSTEM, Flow.PUSH_SALES, "demo", sync.env.clock(), search_first=True, is_backfill=True)
        store_changes(transaction, documents, [document.group for document in documents], intent)
    live = sale_documents("live", LIVE)
    intend(sync.env, SYSTEM, live)
    assert states(sync) == {DocumentState.BACKFILL: BACKFILLED, DocumentState.PENDING: LIVE}
    # A run with the time of two batches.
    calls = iter(range(2))
    until = sync.env.clock() + timedelta(minutes=5)
    clock = sync.env.clock
    real = type(erp)._write

    def counted(self: Erp, *arguments: Any, **named: Any) -> Any:
        if next(calls, None) is None:
            sync.env.clock = lambda: until
        return real(self, *arguments, **named)

    monkeypatch.setattr(type(erp), "_write", counted)
    send_due(sync.env, SYSTEM, until)
    # What was claimed and not begun is due from the end of that run on.
    sync.env.clock = lambda: clock() + timedelta(minutes=10)
    keys = {document.source_key for document in live}
    assert {row.state for row in sync.rows("large") if row.source_key in keys} == {DocumentState.DONE}
    send_due(sync.env, SYSTEM, clock() + timedelta(minutes=15))
    assert states(sync) == {DocumentState.DONE: BACKFILLED + LIVE}
    assert set(erp.books.copies("sale").values()) == {1}


def test_days_of_a_backfill_are_looked_at_after_all_others(sync: Sync) -> None:
    now, flow = sync.env.clock(), Flow.PUSH_SALES
    first = date(2020, 1, 1)
    with sync.env.db.transaction() as transaction:
        days = [DueDay("demo:s1", first + timedelta(days=count), is_backfill=True) for count in range(1_000)]
        upsert_days(transaction, SYSTEM, flow, [(day, now - timedelta(days=1)) for day in days])
        sold = [DueDay("demo:s1", date(2026, 1, 1)), DueDay("demo:s1", first + timedelta(days=500))]
        upsert_days(transaction, SYSTEM, flow, [(day, now) for day in sold])
        found = read_due_day(transaction, SYSTEM, flow, now)
    assert found is not None
    # A day of the backfill on which something was sold since then is no longer one of a backfill.
    assert (found.day, found.is_backfill) == (first + timedelta(days=500), False)
