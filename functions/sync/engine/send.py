"""Intents → the outside system, a batch after the other: claim, search where in doubt, send, confirm.

Each batch is claimed under a lease with a token. The rows are marked as being sent before the call. So a worker that is
killed leaves documents in doubt, and the next one searches for them before it sends them. No document is sent twice.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.sync.adapters.contract import (
    Accepted,
    AccessRefused,
    BatchRefused,
    CallFailed,
    InDoubt,
    NotSent,
    Refused,
    Result,
    StoredDocument,
    TargetDocument,
)
from functions.sync.documents.document import Kind, document_of
from functions.sync.engine import outcomes
from functions.sync.engine.breaker import note_failure, note_success
from functions.sync.engine.target import Target, read_target
from functions.sync.engine.translation import CodeMissing, translated
from functions.sync.states import Cause, DocumentState, Goal
from functions.sync.tables.ledger import LedgerRow, claim_due, read_by_keys, update_outcomes, update_sending
from functions.sync.tables.systems import update_writer, update_writer_released
from shared.spine import log
from shared.spine.db import Transaction
from shared.spine.env import Environment

# Longer than the calls of a batch take; the fence stops calls that could last longer.
LEASE = timedelta(seconds=120)
# A batch is begun when it can be ended in this time.
BATCH_TIME = timedelta(seconds=3)


@dataclass
class Sent:
    """The counts of a run of sending. `finished`: nothing is due any more. `failure`: why it stopped, if it did."""

    documents: int = 0
    parked: int = 0
    finished: bool = False
    failure: str | None = None


@dataclass
class _Batch:
    """The rows of a batch by target key, their documents, and what became of them."""

    leased_until: datetime
    rows: dict[str, LedgerRow] = field(default_factory=dict)
    documents: dict[str, TargetDocument] = field(default_factory=dict)
    ended: dict[str, LedgerRow] = field(default_factory=dict)
    failure: CallFailed | None = None

    def open_rows(self) -> list[LedgerRow]:
        """The rows that nothing became of yet."""
        return [row for key, row in self.rows.items() if key not in self.ended]

    def end(self, row: LedgerRow) -> None:
        """Something became of a row."""
        self.ended[row.target_key] = row


def send_due(env: Environment, system_key: str, until: datetime) -> Sent:
    """Send what is due until `until`, as the only writer of the system."""
    sent = Sent()
    token = secrets.randbits(63)
    target = read_target(env, system_key, env.clock() + LEASE)
    # A run with little time sends in the first half of it, so that work of any size ends.
    begins_until = until - min(BATCH_TIME, (until - env.clock()) / 2)
    batch: _Batch | None = None
    try:
        while env.clock() < begins_until and not sent.finished and not sent.failure:
            # After an exception nothing is known of the batch: it must not be given back as unsent.
            claimed, batch = batch, None
            batch = _send_batch(env, target, token, sent, claimed)
    finally:
        with env.db.transaction() as transaction:
            if batch:
                _give_back_unsent(transaction, batch, token, env.clock())
            update_writer_released(transaction, system_key, token)
    return sent


def _send_batch(env: Environment, target: Target, token: int, sent: Sent, claimed: _Batch | None) -> _Batch | None:
    """Send a batch, `claimed` or else the next one. Returns the batch that was claimed meanwhile, if one was."""
    batch = claimed or _claim(env, target, token)
    if batch is None:
        sent.failure = "writer_busy"
        return None
    if not batch.rows:
        sent.finished = True
        return None
    target.fence.ends_at = batch.leased_until
    following = _work_off_and_claim(env, target, batch, token)
    _confirm(env, target, batch, token)
    sent.documents += sum(row.state == DocumentState.DONE for row in batch.ended.values())
    sent.parked += sum(row.state == DocumentState.PARKED for row in batch.ended.values())
    if batch.failure:
        sent.failure = batch.failure.reason
    return following


def _work_off_and_claim(env: Environment, target: Target, batch: _Batch, token: int) -> _Batch | None:
    """While the system works on a full batch, the next one is claimed. The thread for the system uses no database."""
    if len(batch.rows) < target.adapter.batch:
        _work_off(env, target, batch)
        return None
    with ThreadPoolExecutor(1) as pool:
        worked_off = pool.submit(_work_off, env, target, batch)
        following = _claim(env, target, token)
        worked_off.result()
    return following if following and following.rows else None


def _give_back_unsent(transaction: Transaction, batch: _Batch, token: int, now: datetime) -> None:
    """A batch that was claimed and not begun is due at once, as it was before."""
    for row in batch.open_rows():
        state = DocumentState.DOUBTFUL if _in_doubt(row) else DocumentState.PENDING
        batch.end(outcomes.postponed(row, state, "not_begun", now, retry_after=0.0))
    update_outcomes(transaction, list(batch.ended.values()), token, now)


def _claim(env: Environment, target: Target, token: int) -> _Batch | None:
    """The next batch, marked as being sent. None while another worker writes, or while the breaker is open."""
    now, key = env.clock(), target.system.key
    until = now + LEASE
    batch = _Batch(until)
    with env.db.transaction() as transaction:
        if not update_writer(transaction, key, token, now, until):
            return None
        rows = claim_due(transaction, key, token, now, until, target.adapter.batch)
        batch.rows = {row.target_key: row for row in rows}
        sales = {row.source_key: row.target_key for row in read_by_keys(transaction, key, _sale_keys(rows))}
        for row in rows:
            _translate(batch, row, target, sales)
        update_sending(transaction, key, batch.open_rows(), token, until)
    return batch


def _sale_keys(rows: Sequence[LedgerRow]) -> set[str]:
    return {f"S{row.group}" for row in rows if row.kind == Kind.CREDIT_NOTE and "|" not in row.group}


def _translate(batch: _Batch, row: LedgerRow, target: Target, sales: dict[str, str]) -> None:
    """The document of a row in the codes of the system. A row without a payload needs none: it is cancelled by id."""
    if row.payload is None:
        return
    try:
        document = document_of(row.payload)
        refers_to = sales.get(document.refers_to or "")
        batch.documents[row.target_key] = translated(document, row.target_key, target.codes, refers_to)
    except CodeMissing as missing:
        if row.goal == Goal.POST:
            batch.end(outcomes.code_missing(row, missing))
    except (ValueError, KeyError, TypeError, ArithmeticError) as failure:
        log.bug(failure, "a payload cannot be read")
        batch.end(outcomes.parked(row, Cause.BUG, "payload_unreadable", "The stored document cannot be read."))


def _work_off(env: Environment, target: Target, batch: _Batch) -> None:
    """Cancel, search, then post. A failure of the whole system ends it."""
    for step in (_search, _cancel, _post):
        if batch.failure is None:
            step(env, target, batch)
    for row in batch.open_rows():
        failure = batch.failure or InDoubt("no_result", "The system gave no result for the document.")
        state = DocumentState.DOUBTFUL if _in_doubt(row) else DocumentState.PENDING
        batch.end(outcomes.postponed(row, state, failure.reason, env.clock(), detail=failure.detail))


def _in_doubt(row: LedgerRow) -> bool:
    """Whether an earlier sending of the row has no answer."""
    return row.state in (DocumentState.DOUBTFUL, DocumentState.SENDING)


def _needs_search(row: LedgerRow) -> bool:
    """Whether the system must be asked what it has: after a doubt, and to cancel a document of unknown id."""
    return _in_doubt(row) or (outcomes.is_cancellation(row) and not row.target_id)


def _search(env: Environment, target: Target, batch: _Batch) -> None:
    """Adopt documents in doubt that the system has. Those that it lacks are posted, or need no cancellation."""
    for kind, rows in _by_kind([row for row in batch.open_rows() if _needs_search(row)]):
        keys = [row.target_key for row in rows]
        with _guarded(env, target, batch, rows):
            copies: dict[str, list[StoredDocument]] = defaultdict(list)
            for stored in target.adapter.find(kind, keys):
                if stored.state != "cancelled":
                    copies[stored.key].append(stored)
            drafts = [copy for found in copies.values() for copy in found if copy.state == "draft"]
            completed = target.adapter.complete(drafts) if drafts else {}
            for row in rows:
                _settle_found(env, batch, row, copies[row.target_key], completed)


def _settle_found(
    env: Environment, batch: _Batch, row: LedgerRow, copies: Sequence[StoredDocument], completed: dict[str, Result]
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
            _settle(env, batch, row, completed[key])
        return
    _settle(env, batch, row, outcomes.matched(row, copies, batch.documents[key]))


def _not_there(row: LedgerRow) -> LedgerRow:
    return replace(row, state=DocumentState.PENDING)


def _with_target(row: LedgerRow, target_id: str) -> LedgerRow:
    return replace(row, state=DocumentState.PENDING, target_id=target_id)


def _cancel(env: Environment, target: Target, batch: _Batch) -> None:
    rows = [row for row in batch.open_rows() if outcomes.is_cancellation(row) and row.target_id]
    for kind, group in _by_kind(rows):
        with _guarded(env, target, batch, group):
            results = target.adapter.cancel(kind, [row.target_id or "" for row in group])
            for row in group:
                if row.target_id in results:
                    _settle(env, batch, row, results[row.target_id])


def _post(env: Environment, target: Target, batch: _Batch) -> None:
    rows = [row for row in batch.open_rows() if row.goal == Goal.POST and not _in_doubt(row)]
    _post_rows(env, target, batch, rows)


def _post_rows(env: Environment, target: Target, batch: _Batch, rows: Sequence[LedgerRow]) -> None:
    """Post documents. Where the system refuses a whole call, its halves are tried, down to one document."""
    if not rows or batch.failure:
        return
    try:
        with _guarded(env, target, batch, rows, splits=True):
            results = target.adapter.post([batch.documents[row.target_key] for row in rows])
            for row in rows:
                if row.target_key in results:
                    _settle(env, batch, row, results[row.target_key])
                else:
                    batch.end(outcomes.doubtful(row, "no_result", env.clock()))
    except BatchRefused as refusal:
        if len(rows) == 1:
            _settle(env, batch, rows[0], Refused(Cause.BUG, refusal.reason, refusal.detail))
            return
        middle = len(rows) // 2
        _post_rows(env, target, batch, rows[:middle])
        _post_rows(env, target, batch, rows[middle:])


def _settle(env: Environment, batch: _Batch, row: LedgerRow, result: Result) -> None:
    make: Callable[..., LedgerRow] = outcomes.refused if isinstance(result, Refused) else outcomes.accepted
    batch.end(make(row, result, env.clock()))


@contextmanager
def _guarded(
    env: Environment, target: Target, batch: _Batch, rows: Sequence[LedgerRow], *, splits: bool = False
) -> Iterator[None]:
    """A call of the adapter. After a failure the rows are due again: searched first where something may be there."""
    target.fence.begin()
    try:
        yield
    except CallFailed as failure:
        if splits and isinstance(failure, BatchRefused):
            raise
        _give_back(env, target, batch, rows, failure)
    except Exception as failure:  # noqa: BLE001 - a bug of an adapter must not stop other systems
        log.bug(failure, "an adapter failed")
        _give_back(env, target, batch, rows, InDoubt("bug", "The adapter failed; the log has where."))


def _give_back(env: Environment, target: Target, batch: _Batch, rows: Sequence[LedgerRow], failure: CallFailed) -> None:
    batch.failure = failure
    log.logger().warning("a call failed", extra={"system": target.system.key, "reason": failure.reason})
    for row in rows:
        if row.target_key not in batch.ended:
            batch.end(_failed(row, failure, env.clock(), wrote=target.fence.wrote))


def _failed(row: LedgerRow, failure: CallFailed, now: datetime, *, wrote: bool) -> LedgerRow:
    doubt = wrote or _in_doubt(row)
    cause = Cause.RIGHTS if isinstance(failure, AccessRefused) else Cause.RETRY
    retry_after = failure.retry_after if isinstance(failure, NotSent) else None
    if doubt and row.attempts <= 1 and retry_after is None:
        retry_after = 0.0
    state = DocumentState.DOUBTFUL if doubt else DocumentState.PENDING
    return outcomes.postponed(
        row, state, failure.reason, now, detail=failure.detail, retry_after=retry_after, cause=cause
    )


def _by_kind(rows: Sequence[LedgerRow]) -> list[tuple[Kind, list[LedgerRow]]]:
    groups: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        groups[row.kind].append(row)
    return [(Kind(kind), group) for kind, group in groups.items()]


def _confirm(env: Environment, target: Target, batch: _Batch, token: int) -> None:
    """Store the outcomes and the health of the system in one transaction."""
    with env.outbox.work("sync") as work:
        update_outcomes(work, list(batch.ended.values()), token, env.clock())
        if batch.failure:
            note_failure(work, target.system.key, batch.failure, env.clock())
        elif target.system.failures or batch.ended:
            note_success(work, target.system.key)
