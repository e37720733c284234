"""Intents → the outside system, a batch after the other: claim, search where in doubt, send, confirm.

No document is sent twice: one that is in doubt is searched for before it is sent again.
"""

import secrets
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from functions.sync.adapters.contract import (
    Accepted,
    InDoubt,
    Result,
    StoredDocument,
)
from functions.sync.documents.document import Kind
from functions.sync.engine import outcomes
from functions.sync.engine.batches import LEASE, Batch, Writer, in_doubt
from functions.sync.engine.calls import ADAPTER_FAILED, call_adapter, settle
from functions.sync.engine.revisions import needs_former
from functions.sync.engine.target import Target, read_target
from functions.sync.states import DocumentState, Goal
from functions.sync.tables.ledger import ClaimedRow
from shared.spine.env import Environment

# A batch is begun when it can be ended in this time.
BATCH_TIME = timedelta(seconds=3)
TURN_SECONDS = 0.0005


@dataclass
class Sent:
    """The counts of a run of sending. `finished`: nothing is due any more. `failure`: why it stopped, if it did."""

    documents: int = 0
    parked: int = 0
    finished: bool = False
    failure: str | None = None

    def count(self, batch: Batch) -> None:
        """A batch was worked off."""
        self.documents += sum(row.state == DocumentState.DONE for row in batch.ended.values())
        self.parked += sum(row.state == DocumentState.PARKED for row in batch.ended.values())
        self.failure = batch.failure.reason if batch.failure else None


def send_due(env: Environment, system_key: str, until: datetime) -> Sent:
    """Send what is due until `until`, as the only writer of the system."""
    sent = Sent()
    writer = Writer(env, read_target(env, system_key, env.clock() + LEASE), secrets.randbits(63))
    # A run with little time sends in the first half of it, so that work of any size ends.
    begins_until = until - min(BATCH_TIME, (until - env.clock()) / 2)
    ended: Batch | None = None
    unsent: Batch | None = None
    pool = ThreadPoolExecutor(1)
    try:
        with _short_turns():
            while env.clock() < begins_until and not sent.finished and not sent.failure:
                # After an exception nothing is known of the batches: none must be given back as unsent.
                batch, before, unsent, ended = unsent, ended, None, None
                ended, unsent = _send_next(writer, pool, sent, before, batch)
    finally:
        pool.shutdown()
        writer.release(ended, unsent)
    return sent


@contextmanager
def _short_turns() -> Iterator[None]:
    """A thread whose answer has come goes on at once. By default it waits up to 5 ms for the other one's turn to end.

    In that time the outside system would have nothing to do: a batch takes 20 ms.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _send_next(
    writer: Writer, pool: Executor, sent: Sent, ended: Batch | None, batch: Batch | None
) -> tuple[Batch | None, Batch | None]:
    """Send a batch, `batch` or else the next one. `ended` was sent before it.

    Returns the batch that is to be stored, and the one that is to be sent next.
    """
    if batch is None:
        batch, ended = writer.store_and_claim(ended, claims=True), None
    if batch is None:
        sent.failure = "writer_busy"
        return None, None
    if not batch.rows:
        sent.finished = True
        return None, None
    following = _send_meanwhile(writer, pool, ended, batch)
    sent.count(batch)
    return batch, following


def _send_meanwhile(writer: Writer, pool: Executor, ended: Batch | None, batch: Batch) -> Batch | None:
    """While the system works on a batch, the one before it is stored, and after a full one the next is claimed.

    The thread for the system uses no database.
    """
    writer.target.fence.ends_at = batch.leased_until
    is_full = len(batch.rows) >= writer.target.adapter.batch
    if not is_full and not ended:
        _work_off(writer.env, writer.target, batch)
        return None
    worked_off = pool.submit(_work_off, writer.env, writer.target, batch)
    following = writer.store_and_claim(ended, claims=is_full)
    worked_off.result()
    return following if following and following.rows else None


def _work_off(env: Environment, target: Target, batch: Batch) -> None:
    """Cancel, search, then post. A failure of the whole system ends it."""
    for step in (_search, _cancel, _post):
        if batch.failure is None:
            step(env, target, batch)
    for row in batch.open_rows():
        failure = batch.failure or InDoubt("no_result", "The system gave no result for the document.")
        state = DocumentState.DOUBTFUL if in_doubt(row) else DocumentState.PENDING
        batch.end(outcomes.postponed(row, state, failure.reason, env.clock(), detail=failure.detail))


def _needs_search(row: ClaimedRow) -> bool:
    """Whether the system must be asked what it has: after a doubt, and to cancel a document of unknown id."""
    return in_doubt(row) or (outcomes.is_cancellation(row) and not row.target_id)


def _search(env: Environment, target: Target, batch: Batch) -> None:
    """Adopt documents in doubt that the system has. Those that it lacks are posted, or need no cancellation."""
    for kind, rows in _by_kind([row for row in batch.open_rows() if _needs_search(row)]):
        call_adapter(env, target, batch, rows, partial(_search_kind, env, target, batch, kind))


def _search_kind(env: Environment, target: Target, batch: Batch, kind: Kind, rows: Sequence[ClaimedRow]) -> None:
    copies: dict[str, list[StoredDocument]] = defaultdict(list)
    for stored in target.adapter.find(kind, [row.target_key for row in rows]):
        if stored.state != "cancelled":
            copies[stored.key].append(stored)
    # A draft that is to be cancelled is not completed before.
    wanted = [copy for row in rows if not outcomes.is_cancellation(row) for copy in copies[row.target_key]]
    drafts = [copy for copy in wanted if copy.state == "draft"]
    completed = target.adapter.complete(drafts) if drafts else {}
    for row in rows:
        _settle_found(env, batch, row, copies[row.target_key], completed)


def _settle_found(
    env: Environment, batch: Batch, row: ClaimedRow, copies: Sequence[StoredDocument], completed: dict[str, Result]
) -> None:
    key = row.target_key
    if not copies:
        if outcomes.is_cancellation(row):
            batch.end(outcomes.accepted(row, Accepted(""), env.clock()))
        else:
            # The search proved that the system has nothing of it.
            batch.rows[key] = _not_there(row)
        return
    if outcomes.is_cancellation(row):
        batch.rows[key] = _with_target(row, copies[0].id)
        return
    if any(copy.state == "draft" for copy in copies):
        if key in completed:
            settle(env, batch, row, completed[key])
        return
    settle(env, batch, row, outcomes.matched(row, copies, batch.documents[key]))


def _not_there(row: ClaimedRow) -> ClaimedRow:
    return replace(row, state=DocumentState.PENDING)


def _with_target(row: ClaimedRow, target_id: str) -> ClaimedRow:
    return replace(row, state=DocumentState.PENDING, target_id=target_id)


def _cancel(env: Environment, target: Target, batch: Batch) -> None:
    rows = [row for row in batch.open_rows() if outcomes.is_cancellation(row) and row.target_id]
    for kind, group in _by_kind(rows):
        call_adapter(env, target, batch, group, partial(_cancel_kind, env, target, batch, kind))


def _cancel_kind(env: Environment, target: Target, batch: Batch, kind: Kind, rows: Sequence[ClaimedRow]) -> None:
    results = target.adapter.cancel(kind, [row.target_id or "" for row in rows])
    for row in rows:
        if row.target_id in results:
            settle(env, batch, row, results[row.target_id])


def _post(env: Environment, target: Target, batch: Batch) -> None:
    """Post documents. One at which the adapter failed before is sent alone."""
    batch.hold([row for row in _to_post(batch) if needs_former(row)], env.clock())
    rows = _to_post(batch)
    alone = [[row] for row in rows if row.reason == ADAPTER_FAILED]
    for group in ([row for row in rows if row.reason != ADAPTER_FAILED], *alone):
        call_adapter(env, target, batch, group, partial(_post_rows, env, target, batch), posts=True)


def _to_post(batch: Batch) -> list[ClaimedRow]:
    return [row for row in batch.open_rows() if row.goal == Goal.POST and not in_doubt(row)]


def _post_rows(env: Environment, target: Target, batch: Batch, rows: Sequence[ClaimedRow]) -> None:
    results = target.adapter.post([batch.documents[row.target_key] for row in rows])
    for row in rows:
        if row.target_key in results:
            settle(env, batch, row, results[row.target_key])
        else:
            batch.end(outcomes.doubtful(row, "no_result", env.clock()))


def _by_kind(rows: Sequence[ClaimedRow]) -> list[tuple[Kind, list[ClaimedRow]]]:
    groups: dict[str, list[ClaimedRow]] = defaultdict(list)
    for row in rows:
        groups[row.kind].append(row)
    return [(Kind(kind), group) for kind, group in groups.items()]
