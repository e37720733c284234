"""Calls of an adapter for the documents of a batch: what becomes of each, also where the call fails as a whole."""

from collections.abc import Callable, Sequence
from datetime import datetime

from functions.sync.adapters.contract import (
    AccessRefused,
    BatchRefused,
    CallFailed,
    NotSent,
    Refused,
    Result,
)
from functions.sync.engine import outcomes
from functions.sync.engine.batches import Batch, in_doubt
from functions.sync.engine.target import Target
from functions.sync.states import Cause, DocumentState
from functions.sync.tables.ledger import ClaimedRow
from shared.spine import log
from shared.spine.env import Environment

# The reason of documents whose call ended by an exception of our adapter.
ADAPTER_FAILED = "adapter_failed"


def settle(env: Environment, batch: Batch, row: ClaimedRow, result: Result) -> None:
    """The system gave a result for a document."""
    make: Callable[..., ClaimedRow] = outcomes.refused if isinstance(result, Refused) else outcomes.accepted
    batch.end(make(row, result, env.clock()))


def call_adapter(
    env: Environment,
    target: Target,
    batch: Batch,
    rows: Sequence[ClaimedRow],
    call: Callable[[Sequence[ClaimedRow]], None],
    *,
    posts: bool = False,
) -> None:
    """Call the adapter for documents. Where it fails by a bug, the halves are tried, down to one that is parked.

    After a failure of the system the rows are due again: searched first where something may be there. A call that
    `posts` is divided, too, when the system refuses it as a whole. It is never repeated when it may have had an effect.
    """
    if not rows or batch.failure:
        return
    target.fence.begin()
    try:
        call(rows)
    except CallFailed as failure:
        if not (posts and isinstance(failure, BatchRefused)):
            _give_back(env, target, batch, rows, failure)
            return
        refusal = Refused(Cause.BUG, failure.reason, failure.detail)
    except Exception as failure:  # noqa: BLE001 - a bug of an adapter must not stop other documents
        log.bug(failure, "an adapter failed")
        refusal = Refused(Cause.BUG, ADAPTER_FAILED, "The adapter failed; the log has where.")
        if posts and target.fence.wrote and len(rows) > 1:
            _doubt(env, batch, rows)
            return
    else:
        return
    _divide(env, target, batch, rows, call, refusal, posts=posts)


def _doubt(env: Environment, batch: Batch, rows: Sequence[ClaimedRow]) -> None:
    """Any of the rows may be there. Those that are not are sent one by one."""
    for row in _without_outcome(batch, rows):
        batch.end(outcomes.doubtful(row, ADAPTER_FAILED, env.clock()))


def _divide(
    env: Environment,
    target: Target,
    batch: Batch,
    rows: Sequence[ClaimedRow],
    call: Callable[[Sequence[ClaimedRow]], None],
    refusal: Refused,
    *,
    posts: bool,
) -> None:
    """Try the halves of a call that failed. One document is parked."""
    remaining = _without_outcome(batch, rows)
    if len(rows) == 1:
        for row in remaining:
            settle(env, batch, row, refusal)
        return
    middle = (len(remaining) + 1) // 2
    for half in (remaining[:middle], remaining[middle:]):
        call_adapter(env, target, batch, half, call, posts=posts)


def _without_outcome(batch: Batch, rows: Sequence[ClaimedRow]) -> list[ClaimedRow]:
    return [row for row in rows if row.target_key not in batch.ended]


def _give_back(env: Environment, target: Target, batch: Batch, rows: Sequence[ClaimedRow], failure: CallFailed) -> None:
    batch.failure = failure
    log.logger().warning("a call failed", extra={"system": target.system.key, "reason": failure.reason})
    for row in _without_outcome(batch, rows):
        batch.end(_failed(row, failure, env.clock(), wrote=target.fence.wrote))


def _failed(row: ClaimedRow, failure: CallFailed, now: datetime, *, wrote: bool) -> ClaimedRow:
    doubt = wrote or in_doubt(row)
    cause = Cause.RIGHTS if isinstance(failure, AccessRefused) else Cause.RETRY
    retry_after = failure.retry_after if isinstance(failure, NotSent) else None
    if doubt and row.attempts <= 1 and retry_after is None:
        retry_after = 0.0
    state = DocumentState.DOUBTFUL if doubt else DocumentState.PENDING
    return outcomes.postponed(
        row, state, failure.reason, now, detail=failure.detail, retry_after=retry_after, cause=cause
    )
