"""The new row of the ledger for a document after a call. Pure functions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from functions.sync.adapters.contract import Accepted, Refused, Result, StoredDocument, TargetDocument
from functions.sync.engine.translation import CodeMissing
from functions.sync.outside.exchange import SECONDS
from functions.sync.states import Cause, DocumentState, Goal, move
from functions.sync.tables.ledger import ClaimedRow

# Seconds until the next attempt, doubled with each attempt.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 900.0
# A system may still work on a request whose connection was closed. A search before its end would find nothing.
SETTLING_SECONDS = 2 * SECONDS


def accepted(row: ClaimedRow, result: Accepted, now: datetime) -> ClaimedRow:
    """The system has reached the goal."""
    # Not by `replace`, which takes five times as long: each document that is sent comes through here.
    return ClaimedRow(
        system=row.system,
        source_key=row.source_key,
        revision=row.revision,
        group=row.group,
        kind=row.kind,
        goal=row.goal,
        state=move(DocumentState.SENDING, DocumentState.DONE),
        payload=row.payload,
        next_at=row.next_at,
        target_id=result.id or row.target_id,
        target_number=result.number or row.target_number,
        attempts=row.attempts,
        done_at=now,
    )


def refused(row: ClaimedRow, result: Refused, now: datetime) -> ClaimedRow:
    """The system refused the document alone. It is parked for a person, or sent again later."""
    if result.cause == Cause.RETRY:
        return postponed(row, DocumentState.PENDING, result.reason, now, detail=result.detail)
    return parked(row, result.cause, result.reason, result.detail)


def parked(row: ClaimedRow, cause: Cause, reason: str, detail: str) -> ClaimedRow:
    """A person must act before the document is sent again."""
    return replace(row, state=DocumentState.PARKED, cause=cause, reason=reason[:64], detail=detail[:500])


def code_missing(row: ClaimedRow, missing: CodeMissing) -> ClaimedRow:
    """A code is missing: nothing was sent."""
    return parked(row, Cause.MAPPING, f"no_code_{missing.kind}", f"There is no code for {missing.kind} {missing.code}.")


def postponed(
    row: ClaimedRow,
    state: DocumentState,
    reason: str,
    now: datetime,
    *,
    detail: str = "",
    retry_after: float | None = None,
    cause: Cause = Cause.RETRY,
) -> ClaimedRow:
    """The document is due again later. `state` is pending where it surely was not accepted, else doubtful."""
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 10), LONGEST_PAUSE)
    seconds = pause if retry_after is None else min(max(retry_after, 0.0), LONGEST_PAUSE)
    if state == DocumentState.DOUBTFUL:
        seconds = max(seconds, SETTLING_SECONDS)
    return replace(
        row,
        state=move(DocumentState.SENDING, state),
        cause=cause,
        reason=reason[:64],
        detail=detail[:500],
        next_at=now + timedelta(seconds=seconds),
    )


def not_begun(row: ClaimedRow, state: DocumentState, now: datetime) -> ClaimedRow:
    """Nothing was sent of a claimed document: it is due at once, in doubt if it was so before."""
    return replace(
        row, state=move(DocumentState.SENDING, state), cause=Cause.RETRY, reason="not_begun", detail="", next_at=now
    )


def doubtful(row: ClaimedRow, reason: str, now: datetime, detail: str = "") -> ClaimedRow:
    """No answer: it is searched for soon, and before it is sent again."""
    pause = 0.0 if row.attempts <= 1 else None
    return postponed(row, DocumentState.DOUBTFUL, reason, now, detail=detail, retry_after=pause)


def matched(row: ClaimedRow, copies: Sequence[StoredDocument], goal: TargetDocument) -> Result:
    """The result of a search that found the document: adopted, or refused because it differs or is there twice."""
    [first, *further] = copies
    if further:
        ids = ", ".join(copy.id for copy in copies)
        return Refused(Cause.DATA, "duplicate", f"The system holds the document more than once: {ids}.")
    if row.kind in ("sale", "credit_note") and (first.gross, first.tax) != (goal.gross, goal.tax):
        detail = f"The system holds {first.gross} with tax {first.tax}; ours is {goal.gross} with {goal.tax}."
        return Refused(Cause.DATA, "amounts_differ_there", detail)
    return Accepted(first.id, first.number)


def is_cancellation(row: ClaimedRow) -> bool:
    """Whether the document is to be cancelled."""
    return row.goal == Goal.CANCEL
