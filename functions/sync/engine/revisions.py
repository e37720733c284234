"""A further revision of a document is posted only when the ones before it are gone from the outside system.

Without this the same sales would be there twice: a system may refuse to cancel what it has booked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from functions.sync.engine import outcomes
from functions.sync.states import Cause, DocumentState, Goal
from functions.sync.tables.ledger import ClaimedRow
from functions.sync.tables.replays import FORMER_REMAINS

_PARKED = "Revision {revision} is still there, and must be cancelled first: {reason}. {detail}"
_WAITING = "Revision {revision} is not cancelled yet."


def needs_former(row: ClaimedRow) -> bool:
    """Whether earlier revisions of the document must be looked at before it is posted."""
    return row.goal == Goal.POST and row.revision > 1


def remaining(
    row: ClaimedRow, formers: Sequence[ClaimedRow], newer: Sequence[Mapping[str, ClaimedRow]]
) -> ClaimedRow | None:
    """The oldest of `formers`, rows of any documents, that is an earlier revision and may be there still.

    `newer` has rows by target key as they are since `formers` were read, the newest mapping first.
    """
    for former in formers:
        if former.source_key == row.source_key and former.revision < row.revision:
            known = [rows[former.target_key] for rows in newer if former.target_key in rows]
            current = known[0] if known else former
            if not is_gone(current):
                return current
    return None


def is_gone(row: ClaimedRow) -> bool:
    """Whether the outside system surely no longer holds the document as a valid one."""
    return row.goal == Goal.CANCEL and row.state == DocumentState.DONE


def held(row: ClaimedRow, former: ClaimedRow, now: datetime) -> ClaimedRow:
    """The row that waits: for the person who must act about its former revision, or for the next attempt."""
    if former.state == DocumentState.PARKED:
        detail = _PARKED.format(revision=former.revision, reason=former.reason, detail=former.detail or "")
        return outcomes.parked(row, former.cause or Cause.BUG, FORMER_REMAINS, detail.strip())
    state = DocumentState.DOUBTFUL if row.state != DocumentState.PENDING else DocumentState.PENDING
    after = max((former.next_at - now).total_seconds(), outcomes.FIRST_PAUSE)
    detail = _WAITING.format(revision=former.revision)
    return outcomes.postponed(row, state, FORMER_REMAINS, now, detail=detail, retry_after=after)
